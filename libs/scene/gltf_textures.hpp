#pragma once
#include <map>
#include <optional>
#include <string>

#include "scene/gltf_buffers.hpp"
#include "scene/gltf_json.hpp"
#include "scene/import_log.hpp"
#include "scene/scene.hpp"
#include "scene/texture_loader.hpp"

namespace oct {

/// Turns the textures that materials of a glTF file name into those of a scene, and asks for their pictures. Their
/// uv_set is the number that the file has.
class GltfTextures {
 public:
  GltfTextures(const Json& document, const GltfBuffers& buffers, TextureLoader& loader, ImportLog& log)
      : document_(document), buffers_(buffers), loader_(loader), log_(log) {}

  /// The texture that is member `use` of a material or of an extension; `element` is what messages call the material.
  std::optional<SceneTexture> read(const Json& object, const std::string& element, const char* use);

 private:
  void apply_sampler(int sampler, SceneTexture& texture);
  std::size_t image(int index);
  std::size_t add_image(std::size_t number);

  const Json& document_;
  const GltfBuffers& buffers_;
  TextureLoader& loader_;
  ImportLog& log_;
  std::map<int, std::size_t> images_;  ///< by number in the file: into Scene::images
};

}  // namespace oct
