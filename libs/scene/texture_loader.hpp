#pragma once
#include <cstdint>
#include <memory>
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

/// Decodes the pictures that materials use while the rest of the scene is read: on threads of its own from the first
/// add() on.
class TextureLoader {
 public:
  /// `files` must outlive this.
  explicit TextureLoader(SceneFiles& files);
  /// Gives up pictures that are not decoded yet.
  ~TextureLoader();
  TextureLoader(const TextureLoader&) = delete;
  TextureLoader& operator=(const TextureLoader&) = delete;

  /// A picture in memory, which must outlive this, or one that has to be kept, or a file named by what lies in a
  /// folder.
  struct FileName {
    std::string name;
    std::string beside;
  };
  using Source = std::variant<ByteView, Bytes, RawBytes, FileName>;

  /// Returns its index in Scene::images. `element` is what messages call it.
  std::size_t add(std::string element, std::string name, Source source);
  /// A source that is known to be bad: load() reports it in its turn.
  std::size_t add_bad(std::string element, Error reason);
  FileName beside_scene(std::string name) const { return {std::move(name), files_.folder()}; }
  std::size_t size() const;
  /// Whether a picture lies in memory that must outlive load().
  bool has_views() const;

  /// Fills scene.images, in the order of add(), and returns which of them are missing: each picture that cannot
  /// be found, read or decoded is left out with a warning, also in that order, however many threads there are.
  /// What does not fit into memory is a fault. Once, after the last add().
  std::vector<bool> load(Scene& scene, ImportLog& log);

 private:
  struct State;  ///< what its threads share

  SceneFiles& files_;
  std::unique_ptr<State> state_;
};

}  // namespace oct
