#pragma once
#include "shade/energy.hpp"
#include "shade/tangent.hpp"

// The further layers of a material at one point, with their textures looked up. lobe_*.hpp scatter by them.

namespace oct::inline OCT_ISA {

enum LayerFlags : u32 {
  kLayerClearcoat = 1u << 0,
  kLayerSheen = 1u << 1,
  kLayerAnisotropy = 1u << 2,
  kLayerIridescence = 1u << 3,
  kLayerDiffuseTransmission = 1u << 4,
};

/// What of a layer is not `present` says nothing.
struct ShadingLayers {
  u32 present;        ///< LayerFlags
  float coat_factor;  ///< in (0, 1]
  float coat_roughness;
  Vec3 coat_normal;  ///< unit, world, on the viewer's side
  Vec3 sheen_color;  ///< not black
  float sheen_roughness;
  float anisotropy;  ///< strength in (0, 1]
  Vec3 tangent;      ///< unit, world: where highlights are drawn out to
  float film_factor, film_ior, film_thickness_nm;
  float diffuse_transmission;  ///< share of the diffuse base, in (0, 1]
  Vec3 diffuse_transmission_color;
};

/// Factor times texture, or the factor alone.
OCT_HD Vec3 textured(const RenderDataView& view, Vec3 factor, u32 slot, const TexturePoint& at, Vec2 u) {
  if (slot == kNone) return factor;
  const Vec4 texel = sample_texture(view, slot, at, u);
  return factor * Vec3{texel.x, texel.y, texel.z};
}

/// The texel of a slot; all ones where there is none, so that it can multiply.
OCT_HD Vec4 texel_or_one(const RenderDataView& view, u32 slot, const TexturePoint& at, Vec2 u) {
  if (slot == kNone) return {1.0f, 1.0f, 1.0f, 1.0f};
  return sample_texture(view, slot, at, u);
}

OCT_HD void resolve_clearcoat(const RenderDataView& view, const Clearcoat& coat, const Surface& surface,
                              Vec2 u, ShadingLayers& layers) {
  if (!(coat.factor > 0.0f)) return;
  layers.coat_factor = coat.factor * texel_or_one(view, coat.texture, texture_point(surface), u).x;
  if (!(layers.coat_factor > 0.0f)) return;
  layers.present |= kLayerClearcoat;
  layers.coat_roughness =
      coat.roughness * texel_or_one(view, coat.roughness_texture, texture_point(surface), u).y;
  layers.coat_normal = coat.normal_texture == kNone
                           ? surface.normal
                           : mapped_normal(view, surface, coat.normal_texture, coat.normal_scale, u);
}

OCT_HD void resolve_sheen(const RenderDataView& view, const Sheen& sheen, const Surface& surface, Vec2 u,
                          ShadingLayers& layers) {
  if (is_black(sheen.color)) return;
  layers.sheen_color = textured(view, sheen.color, sheen.color_texture, texture_point(surface), u);
  if (is_black(layers.sheen_color)) return;
  layers.present |= kLayerSheen;
  layers.sheen_roughness =
      sheen.roughness * texel_or_one(view, sheen.roughness_texture, texture_point(surface), u).w;
}

/// Without tangents there is no direction, and so no anisotropy.
OCT_HD void resolve_anisotropy(const RenderDataView& view, const Anisotropy& anisotropy,
                               const Surface& surface, Vec2 u, ShadingLayers& layers) {
  if (!(anisotropy.strength > 0.0f)) return;
  layers.anisotropy = anisotropy.strength;
  Vec2 direction = anisotropy.direction;
  u32 uv_set = 0;
  if (anisotropy.texture != kNone) {
    const Vec4 texel = sample_texture(view, anisotropy.texture, texture_point(surface), u);
    const Vec2 turned = {2.0f * texel.x - 1.0f, 2.0f * texel.y - 1.0f};
    direction = {direction.x * turned.x - direction.y * turned.y,
                 direction.y * turned.x + direction.x * turned.y};
    layers.anisotropy *= texel.z;
    uv_set = view.texture_slots[anisotropy.texture].uv_set;
  }
  const Vec3 front_normal = surface.front ? surface.normal : -surface.normal;
  const TangentDirections axes = unit_tangents(view, surface, front_normal, uv_set);
  const Vec3 tangent = axes.tangent * direction.x + axes.bitangent * direction.y;
  if (!(layers.anisotropy > 0.0f) || !(length_squared(tangent) > 1e-6f)) return;
  layers.present |= kLayerAnisotropy;
  layers.tangent = normalize(tangent);
}

OCT_HD void resolve_iridescence(const RenderDataView& view, const Iridescence& film, const Surface& surface,
                                Vec2 u, ShadingLayers& layers) {
  if (!(film.factor > 0.0f)) return;
  layers.film_factor = film.factor * texel_or_one(view, film.texture, texture_point(surface), u).x;
  if (!(layers.film_factor > 0.0f)) return;
  layers.present |= kLayerIridescence;
  layers.film_ior = film.ior;
  layers.film_thickness_nm = lerp(film.thickness_minimum_nm, film.thickness_maximum_nm,
                                  texel_or_one(view, film.thickness_texture, texture_point(surface), u).y);
}

OCT_HD void resolve_diffuse_transmission(const RenderDataView& view, const DiffuseTransmission& diffuse,
                                         const Surface& surface, Vec2 u, ShadingLayers& layers) {
  if (!(diffuse.factor > 0.0f)) return;
  layers.diffuse_transmission =
      diffuse.factor * texel_or_one(view, diffuse.texture, texture_point(surface), u).w;
  if (!(layers.diffuse_transmission > 0.0f)) return;
  layers.present |= kLayerDiffuseTransmission;
  layers.diffuse_transmission_color =
      textured(view, diffuse.color, diffuse.color_texture, texture_point(surface), u);
}

/// All layers of a record, an index into material_layers. u in [0, 1)^2 chooses the texel, the same of all maps.
OCT_HD_CALLED ShadingLayers resolve_layers(RenderDataView view, u32 record, Surface surface, Vec2 u) {
  const MaterialLayers& source = view.material_layers[record];
  ShadingLayers layers{};
  resolve_clearcoat(view, source.clearcoat, surface, u, layers);
  resolve_sheen(view, source.sheen, surface, u, layers);
  resolve_anisotropy(view, source.anisotropy, surface, u, layers);
  resolve_iridescence(view, source.iridescence, surface, u, layers);
  resolve_diffuse_transmission(view, source.diffuse_transmission, surface, u, layers);
  return layers;
}

/// The dielectric interface of every clearcoat: index 1.5.
inline constexpr float kCoatIor = 1.5f;
/// Perceptual roughness below which reflections are a mirror's: an alpha of 1e-4 is as narrow as directions in
/// float can tell.
inline constexpr float kSmoothRoughness = 0.01f;

OCT_HD Interface coat_interface() {
  return {{0.04f, 0.04f, 0.04f}, 1.0f, 0.04f};
}

/// Share of light that a clearcoat reflects toward or from a direction.
OCT_HD float coat_energy(float factor, float roughness, float cosine) {
  const bool smooth = roughness < kSmoothRoughness;
  return factor * dielectric_energy(coat_interface(), roughness, smooth, saturate(cosine), kCoatIor);
}

/// emission_passed for a material with layers.
OCT_HD_CALLED float emission_passed_by_coat(RenderDataView view, u32 record, TexturePoint at, float cosine,
                                            Vec2 u) {
  const Clearcoat& coat = view.material_layers[record].clearcoat;
  if (!(coat.factor > 0.0f)) return 1.0f;
  const float factor = coat.factor * texel_or_one(view, coat.texture, at, u).x;
  const float roughness = coat.roughness * texel_or_one(view, coat.roughness_texture, at, u).y;
  return 1.0f - coat_energy(factor, roughness, cosine);
}

/// Share of a material's emission that its clearcoat lets out.
/// cosine  of the direction with the geometric normal, so that light samples and the rays that find the light
///         agree without looking at normal maps
OCT_HD float emission_passed(const RenderDataView& view, const Material& material, const TexturePoint& at,
                             float cosine, Vec2 u) {
  return material.layers == kNone ? 1.0f : emission_passed_by_coat(view, material.layers, at, cosine, u);
}

}  // namespace oct::inline OCT_ISA
