#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scene/gltf_buffers.hpp"
#include "scene/gltf_model.hpp"
#include "scene/import_log.hpp"
#include "scene/scene.hpp"
#include "scene/texture_loader.hpp"

namespace oct {

/// Numbers of TEXCOORD attributes, at most kUvSets.
using GltfUvSets = std::vector<std::uint32_t>;

/// Turns materials of a glTF file into materials of a scene, one for each that is used, and asks for the
/// pictures that they use.
class GltfMaterialReader {
 public:
  GltfMaterialReader(const tinygltf::Model& model, const Json& document, const GltfBuffers& buffers,
                     TextureLoader& textures, ImportLog& log)
      : model_(model), document_(document), buffers_(buffers), textures_(textures), log_(log) {}

  /// Index into scene.materials of material `index` of the file; -1 = glTF's default material.
  std::size_t read(int index, Scene& scene);

  /// The sets of texture coordinates that it uses; a texture's uv_set is a place in this list, and so are those of
  /// the meshes that are seen with it. Reads the material if it has not been read yet.
  const GltfUvSets& uv_sets(int index, Scene& scene);

  /// Of those that have been read: into scene.materials by number in the file.
  const std::map<int, std::size_t>& places() const { return materials_; }

 private:
  SceneMaterial convert(const tinygltf::Material& source);
  GltfUvSets number_uv_sets(SceneMaterial& material);
  void convert_base(const tinygltf::PbrMetallicRoughness& source, SceneMaterial& material);
  void convert_emission(const tinygltf::Material& source, SceneMaterial& material);
  void convert_alpha(const tinygltf::Material& source, SceneMaterial& material);
  void convert_specular(const tinygltf::Material& source, SceneMaterial& material);
  void convert_transmission(const tinygltf::Material& source, SceneMaterial& material);

  float factor(double value, const char* name);
  float not_negative(double value, const char* name);
  Vec3 color(const std::vector<double>& values, const char* name);

  /// `info` is a tinygltf::TextureInfo or NormalTextureInfo.
  template <class Info>
  std::optional<SceneTexture> texture(const Info& info, const char* use);
  std::optional<SceneTexture> texture_of_value(const tinygltf::Value& extension, const char* member);
  std::optional<SceneTexture> resolve(int index, int uv_set, const tinygltf::ExtensionMap* extensions,
                                      const tinygltf::Value* extension_values, const char* use);
  void apply_transform(const tinygltf::Value& transform, SceneTexture& texture);
  void apply_sampler(int sampler, SceneTexture& texture);
  std::size_t image(int index);

  const tinygltf::Model& model_;
  const Json& document_;
  const GltfBuffers& buffers_;
  TextureLoader& textures_;
  ImportLog& log_;
  std::string element_;  ///< what messages call the material being read
  std::map<int, std::size_t> materials_;
  std::map<int, GltfUvSets> uv_sets_;
  std::map<int, std::size_t> images_;
};

}  // namespace oct
