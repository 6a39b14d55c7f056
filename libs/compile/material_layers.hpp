#pragma once
#include "compile/textures.hpp"

// The further layers and lobes of a material (MaterialLayers), of which most materials have none.

namespace oct {

/// Neutral: every part absent, every texture kNone.
MaterialLayers no_layers();

/// Layers brought into their valid ranges; textures are kNone. A part that cannot be seen is neutral, so that
/// materials which look the same have equal layers. material = the record they belong to, cleaned.
MaterialLayers clean_layers(const SceneMaterial& source, const Material& material);

/// Layers in the order of first use, equal ones once.
class LayerTable {
 public:
  explicit LayerTable(TextureTable& textures) : textures_(textures) {}

  /// Index into material_layers; kNone for a material without any.
  Result<u32> add(const SceneMaterial& source, const Material& material, RenderData& data);

 private:
  TextureTable& textures_;
  std::map<Digest, u32> of_content_;
};

}  // namespace oct
