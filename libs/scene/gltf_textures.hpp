#pragma once
#include <map>
#include <optional>
#include <string>

#include "scene/gltf_buffers.hpp"
#include "scene/gltf_model.hpp"
#include "scene/import_log.hpp"
#include "scene/scene.hpp"
#include "scene/texture_loader.hpp"

namespace oct {

/// Turns the textures that materials of a glTF file name into those of a scene, and asks for their pictures. Their
/// uv_set is the number that the file has.
class GltfTextures {
 public:
  GltfTextures(const tinygltf::Model& model, const Json& document, const GltfBuffers& buffers,
               TextureLoader& loader, ImportLog& log)
      : model_(model), document_(document), buffers_(buffers), loader_(loader), log_(log) {}

  /// `info` is a tinygltf::TextureInfo or NormalTextureInfo; `element` and `use` are what messages call the material
  /// and the texture.
  template <class Info>
  std::optional<SceneTexture> read(const Info& info, const std::string& element, const char* use) {
    const auto transform = info.extensions.find(kTransform);
    return resolve(info.index, info.texCoord,
                   transform != info.extensions.end() ? &transform->second : nullptr, element, use);
  }

  /// The texture that is member `use` of an extension.
  std::optional<SceneTexture> read(const tinygltf::Value& extension, const std::string& element,
                                   const char* use);

 private:
  static constexpr const char* kTransform = "KHR_texture_transform";

  std::optional<SceneTexture> resolve(int index, int uv_set, const tinygltf::Value* transform,
                                      const std::string& element, const char* use);
  void apply_sampler(int sampler, SceneTexture& texture);
  std::size_t image(int index);
  std::size_t add_image(std::size_t number);

  const tinygltf::Model& model_;
  const Json& document_;
  const GltfBuffers& buffers_;
  TextureLoader& loader_;
  ImportLog& log_;
  std::map<int, std::size_t> images_;  ///< by number in the file: into Scene::images
};

}  // namespace oct
