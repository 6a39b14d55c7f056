#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "scene/import_log.hpp"
#include "scene/scene.hpp"
#include "scene/scene_files.hpp"

namespace oct {

/// Pixels of all pictures of a scene together: 8 GB decoded.
inline constexpr std::uint64_t kMaxScenePixels = std::uint64_t{1} << 31;

/// Collects the pictures that materials use, then decodes them in parallel.
class TextureLoader {
 public:
  explicit TextureLoader(SceneFiles& files) : files_(files) {}

  /// A picture in memory, which must outlive load(), or one that has to be kept, or a file named by what lies
  /// in a folder.
  struct FileName {
    std::string name;
    std::string beside;
  };
  using Source = std::variant<ByteView, Bytes, FileName>;

  /// Returns its index in Scene::images. `element` is what messages call it.
  std::size_t add(std::string element, std::string name, Source source);
  /// A source that is known to be bad: load() reports it in its turn.
  std::size_t add_bad(std::string element, Error reason);
  FileName beside_scene(std::string name) const { return {std::move(name), files_.folder()}; }
  std::size_t size() const { return items_.size(); }
  /// Whether a picture lies in memory that must outlive load().
  bool has_views() const;

  /// Fills scene.images, in the order of add(), and returns which of them are missing: each picture that cannot
  /// be found, read or decoded is left out with a warning, also in that order, however many threads there are.
  /// What does not fit into memory is a fault.
  std::vector<bool> load(Scene& scene, ImportLog& log);

 private:
  struct Item {
    std::string element, name;
    Source source;
    std::optional<Error> bad = std::nullopt;
    std::string note = {};
  };

  /// Brings the encoded bytes into memory and returns how many pixels they claim to have.
  Result<std::uint64_t> fetch(Item& item);
  static ByteView bytes_of_item(const Item& item);

  SceneFiles& files_;
  std::vector<Item> items_;
};

}  // namespace oct
