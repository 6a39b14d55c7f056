#pragma once
#include "shade/layers.hpp"

// What a surface is made of at one point: the material with its textures looked up.

namespace oct::inline OCT_ISA {

/// A material at a point. docs/materials.md tells what the numbers mean.
struct ShadingMaterial {
  Vec3 normal;      ///< unit, world, on the viewer's side, normal map applied
  Vec3 base_color;  ///< of factor, texture and vertices
  Vec3 emission;    ///< radiance toward the viewer; an unlit material's base colour
  Vec3 specular_color;
  float specular;
  float metallic;
  float roughness;  ///< perceptual
  float ior;
  float transmission;
  u32 flags;  ///< MaterialFlags
  ShadingLayers layers;
};

/// Base colour of factor, texture and vertices.
OCT_HD Vec3 base_color_at(const RenderDataView& view, const Material& material, const TexturePoint& at,
                          Vec4 color, Vec2 u) {
  const Vec3 factor = material.base_color * Vec3{color.x, color.y, color.z};
  return textured(view, factor, material.base_color_texture, at, u);
}

/// Radiance that leaves a point of the material. `front` = to the side of the counter-clockwise corners.
OCT_HD Vec3 emission_at(const RenderDataView& view, const Material& material, const TexturePoint& at,
                        Vec4 color, bool front, Vec2 u) {
  if (!front && (material.flags & kMaterialEmitsFrontOnly) != 0) return splat(0.0f);
  if ((material.flags & kMaterialUnlit) != 0) return base_color_at(view, material, at, color, u);
  if (is_black(material.emission)) return material.emission;
  return textured(view, material.emission, material.emission_texture, at, u);
}

/// The surface's material with all textures. u in [0, 1)^2 chooses the texel, the same of all maps.
OCT_HD ShadingMaterial resolve_material(const RenderDataView& view, const Surface& surface, Vec2 u) {
  const Material& material = view.materials[surface.material];
  const TexturePoint at = texture_point(surface);
  ShadingMaterial result;
  result.flags = material.flags;
  result.normal = surface.normal;
  result.emission = emission_at(view, material, at, surface.color, surface.front, u);
  result.base_color = base_color_at(view, material, at, surface.color, u);
  result.metallic = material.metallic;
  result.roughness = material.roughness;
  result.ior = material.ior;
  result.transmission = material.transmission;
  result.specular = material.specular;
  result.specular_color = textured(view, material.specular_color, material.specular_color_texture, at, u);
  if (material.metallic_roughness_texture != kNone) {
    const Vec4 texel = sample_texture(view, material.metallic_roughness_texture, at, u);
    result.roughness *= texel.y;
    result.metallic *= texel.z;
  }
  if (material.transmission_texture != kNone)
    result.transmission *= sample_texture(view, material.transmission_texture, at, u).x;
  if (material.specular_texture != kNone)
    result.specular *= sample_texture(view, material.specular_texture, at, u).w;
  if (material.normal_texture != kNone)
    result.normal = mapped_normal(view, surface, material.normal_texture, material.normal_scale, u);
  result.layers.present = 0;
  if (material.layers != kNone) result.layers = resolve_layers(view, material.layers, surface, u);
  return result;
}

}  // namespace oct::inline OCT_ISA
