#pragma once
#include "sample/random.hpp"
#include "shade/material.hpp"

// What goes straight through a surface because of its alpha, or because it meets the back of one that has a
// front alone. (Glass is neither: it scatters, see bsdf.hpp.)

namespace oct::inline OCT_ISA {

/// Share of a point of the material that is there, in [0, 1]; glTF 2.0, 3.9.4. u chooses a texel for
/// AlphaMode::blend; a mask is filtered in full, since a chance texel would blur its edge.
OCT_HD float opacity_at(const RenderDataView& view, const Material& material, const TexturePoint& at,
                        float vertex_alpha, Vec2 u) {
  if (material.alpha_mode == AlphaMode::opaque) return 1.0f;
  const u32 slot = material.base_color_texture;
  const float factor = material.alpha * vertex_alpha;
  if (material.alpha_mode == AlphaMode::mask) {
    const float alpha = slot == kNone ? factor : factor * filtered_alpha(view, slot, at);
    return alpha >= material.alpha_cutoff ? 1.0f : 0.0f;
  }
  return saturate(slot == kNone ? factor : factor * sample_texture(view, slot, at, u).w);
}

/// Share of light, per channel, that goes straight through the surface at a hit. u chooses a texel.
OCT_HD Vec3 transmittance_through(const RenderDataView& view, const Hit& hit, Vec2 u) {
  const Instance& instance = view.instances[hit.instance];
  const Material& material = view.materials[instance.material];
  if (material.alpha_mode == AlphaMode::opaque) return splat(0.0f);
  const TexturePoint at = texture_point(view, hit.instance, hit.primitive, barycentrics(hit.u, hit.v));
  const float vertex_alpha = color_at(view, view.meshes[instance.mesh], hit.primitive, at.weights).w;
  return splat(1.0f - opacity_at(view, material, at, vertex_alpha, u));
}

/// Whether the surface at a hit is not there for the ray that found it. A function of triangle and direction
/// alone, so light that scattering finds is light that sampling finds.
OCT_HD bool is_culled(const Instance& instance, const Material& material, const Hit& hit) {
  if ((material.flags & kMaterialCullsBack) == 0) return false;
  constexpr u32 kMirroredCorners = kInstanceBaked | kInstanceFlipsWinding;
  const bool turned_over = (instance.flags & kMirroredCorners) == kMirroredCorners;
  return (hit.back != 0) != turned_over;
}

/// Whether nothing gets through such a surface, whoever asks and from wherever: blocked_channels is 7 then.
OCT_HD bool always_blocks(const Material& material) {
  return material.alpha_mode == AlphaMode::opaque && (material.flags & kMaterialCullsBack) == 0;
}

/// Whose decisions alpha asks for: one path vertex. Shadow rays and the next ray of a vertex share them.
struct AlphaKey {
  u32 seed, pixel, sample, bounce;
};

/// Channels (bits 0 to 2) that the surface at a hit blocks. Decided by a hash of the triangle and the key, so
/// neither order nor repetition of the hits along a ray matters; over keys, each channel passes with its
/// transmittance.
OCT_HD u32 blocked_channels(const RenderDataView& view, const Hit& hit, const AlphaKey& key) {
  const Instance& instance = view.instances[hit.instance];
  const Material& material = view.materials[instance.material];
  if (is_culled(instance, material, hit)) return 0u;
  if (material.alpha_mode == AlphaMode::opaque) return 7u;
  const u32 vertex = hash(key.seed, key.pixel, key.sample, key.bounce);
  const u32 decision = hash(vertex, hit.instance, hit.primitive);
  const u32 s = hash(decision, 1u);
  const u32 t = hash(decision, 2u);
  const Vec3 transmittance = transmittance_through(view, hit, {unit_float(s), unit_float(t)});
  const float u = unit_float(decision);
  u32 blocked = 0;
  if (u >= transmittance.x) blocked |= 1u;
  if (u >= transmittance.y) blocked |= 2u;
  if (u >= transmittance.z) blocked |= 4u;
  return blocked;
}

/// Whether a camera or scattered ray goes straight on at a hit.
OCT_HD bool passes_through(const RenderDataView& view, const Hit& hit, const AlphaKey& key) {
  return (blocked_channels(view, hit, key) & 1u) == 0;
}

}  // namespace oct::inline OCT_ISA
