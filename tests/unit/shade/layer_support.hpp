#pragma once
#include "shade/layered_bsdf.hpp"
#include "shade_support.hpp"

// Builders for the tests of layered materials.

namespace oct::test {

inline void add_clearcoat(ShadingMaterial& material, float factor, float roughness) {
  material.layers.present |= kLayerClearcoat;
  material.layers.coat_factor = factor;
  material.layers.coat_roughness = roughness;
  material.layers.coat_normal = {0, 0, 1};
}

inline void add_sheen(ShadingMaterial& material, Vec3 color, float roughness) {
  material.layers.present |= kLayerSheen;
  material.layers.sheen_color = color;
  material.layers.sheen_roughness = roughness;
}

inline void add_anisotropy(ShadingMaterial& material, float strength) {
  material.layers.present |= kLayerAnisotropy;
  material.layers.anisotropy = strength;
  material.layers.tangent = normalize(Vec3{0.8f, 0.6f, 0.1f});
}

inline void add_film(ShadingMaterial& material, float factor, float thickness_nm, float ior = 1.3f) {
  material.layers.present |= kLayerIridescence;
  material.layers.film_factor = factor;
  material.layers.film_ior = ior;
  material.layers.film_thickness_nm = thickness_nm;
}

inline void add_diffuse_transmission(ShadingMaterial& material, float factor, Vec3 color) {
  material.layers.present |= kLayerDiffuseTransmission;
  material.layers.diffuse_transmission = factor;
  material.layers.diffuse_transmission_color = color;
}

/// Indices of a material in a vacuum.
inline MediumIndices in_vacuum(const ShadingMaterial& material, bool front) {
  const bool inside = !front && (material.flags & kMaterialThinWalled) == 0;
  return inside ? MediumIndices{material.ior, 1.0f} : MediumIndices{1.0f, material.ior};
}

inline LayeredBsdf a_layered_bsdf(const ShadingMaterial& material, Vec3 wo, bool front = true) {
  return make_layered_bsdf(material, a_surface(front), wo, in_vacuum(material, front));
}

}  // namespace oct::test
