#pragma once
#include "compile/material_layers.hpp"

namespace oct {

/// Materials in the order of first use, equal ones once; a texture that a factor makes useless is left out.
class MaterialTable {
 public:
  MaterialTable(const PosedScene& scene, TextureTable& textures)
      : scene_(scene), textures_(textures), layers_(textures) {}

  /// Index into materials.
  Result<u32> add(std::size_t material, RenderData& data);

 private:
  const PosedScene& scene_;
  TextureTable& textures_;
  LayerTable layers_;
  std::map<std::size_t, u32> of_scene_;
  std::map<Digest, u32> of_content_;
};

/// Factors brought into their valid ranges; textures and layers are kNone.
Material clean_material(const SceneMaterial& source);

/// Which vertex attributes a compiled material can use.
struct AttributeNeeds {
  bool uv[kUvSets] = {};
  bool tangents = false;
};
AttributeNeeds attribute_needs(const Material& material, const RenderData& data);

}  // namespace oct
