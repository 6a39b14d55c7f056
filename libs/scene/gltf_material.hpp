#pragma once
#include <map>
#include <string>
#include <vector>

#include "scene/gltf_factors.hpp"
#include "scene/gltf_glossiness.hpp"
#include "scene/gltf_textures.hpp"

namespace oct {

/// Numbers of TEXCOORD attributes, at most kUvSets.
using GltfUvSets = std::vector<std::uint32_t>;

/// Turns materials of a glTF file into materials of a scene, one for each that is used, and asks for the
/// pictures that they use.
class GltfMaterialReader {
 public:
  /// solid_glass  ImportOptions::solid_glass
  GltfMaterialReader(const Json& document, bool solid_glass, GltfTextures& textures, ImportLog& log)
      : document_(document), solid_glass_(solid_glass), textures_(textures), log_(log) {}

  /// Index into scene.materials of material `index` of the file; -1 = glTF's default material.
  std::size_t read(int index, Scene& scene);

  /// The sets of texture coordinates that it uses; a texture's uv_set is a place in this list, and so are those of
  /// the meshes that are seen with it. Reads the material if it has not been read yet.
  const GltfUvSets& uv_sets(int index, Scene& scene);

  /// Of those that have been read: into scene.materials by number in the file.
  const std::map<int, std::size_t>& places() const { return materials_; }

  /// Once the pictures are decoded: GltfGlossiness::finish.
  void finish(std::vector<bool>& missing, Scene& scene) const { glossiness_.finish(missing, scene, log_); }

 private:
  SceneMaterial convert(const Json& source, const GltfFactors& factors, std::size_t place);
  void convert_base(const Json& source, const GltfFactors& factors, SceneMaterial& material);
  void convert_alpha(const Json& source, const GltfFactors& factors, SceneMaterial& material);
  void settle_thickness(const GltfFactors& factors, SceneMaterial& material) const;
  GltfUvSets number_uv_sets(const GltfFactors& factors, SceneMaterial& material) const;

  const Json& document_;
  const bool solid_glass_;
  GltfTextures& textures_;
  ImportLog& log_;
  GltfGlossiness glossiness_;
  std::map<int, std::size_t> materials_;
  std::map<int, GltfUvSets> uv_sets_;
};

}  // namespace oct
