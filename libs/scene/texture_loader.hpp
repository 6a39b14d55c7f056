#pragma once
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "scene/import_log.hpp"
#include "scene/scene.hpp"

namespace oct {

/// Collects the pictures that materials use, then decodes them in parallel.
class TextureLoader {
 public:
  explicit TextureLoader(std::string folder) : folder_(std::move(folder)) {}

  /// A picture in memory, which must outlive load(), or one that has to be kept, or a file relative to the
  /// folder.
  struct FileName {
    std::string name;
  };
  using Source = std::variant<ByteView, Bytes, FileName>;

  /// Returns its index in Scene::images. `element` is what messages call it.
  std::size_t add(std::string element, std::string name, Source source);
  /// A source that is known to be bad: load() reports it in its turn.
  std::size_t add_bad(std::string element, std::string reason);
  std::size_t size() const { return items_.size(); }

  /// Fills scene.images, in the order of add(). Reports every picture that is missing or cannot be decoded,
  /// also in that order, however many threads there are.
  void load(Scene& scene, ImportLog& log);

 private:
  struct Item {
    std::string element, name;
    Source source;
    std::string bad_reason;
  };

  /// Brings the encoded bytes into memory and returns how many pixels they claim to have.
  Result<std::uint64_t> fetch(Item& item) const;
  static ByteView bytes_of_item(const Item& item);

  std::string folder_;
  std::vector<Item> items_;
};

}  // namespace oct
