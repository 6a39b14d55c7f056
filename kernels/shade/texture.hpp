#pragma once
#include "data/texel.hpp"
#include "shade/attributes.hpp"

// Texture lookups. Bilinear filtering is done by chance: one texel, taken with the probability of its
// bilinear weight (docs/decisions/0012-one-texel-per-lookup.md).

namespace oct::inline OCT_ISA {

/// Texture coordinate s in image widths, brought to where the image repeats: [0, 1], never outside.
/// A NaN or infinite coordinate gives some place in the image.
OCT_HD float wrap_coordinate(float s, Wrap wrap) {
  if (wrap == Wrap::repeat) return saturate(s - floor(s));
  if (wrap == Wrap::clamp_to_edge) return saturate(s);
  const float period = s - 2.0f * floor(0.5f * s);  // in [0, 2]
  return saturate(period > 1.0f ? 2.0f - period : period);
}

/// Brings a texel index in [-1, size] into [0, size).
OCT_HD u32 wrap_texel(i32 index, u32 size, Wrap wrap) {
  const i32 last = static_cast<i32>(size) - 1;
  if (wrap == Wrap::repeat) {
    if (index < 0) return size - 1;
    return index > last ? 0 : static_cast<u32>(index);
  }
  // clamped; and beyond its border a mirrored image begins with its border texel again
  return static_cast<u32>(min(max(index, 0), last));
}

/// Texel index for wrapped coordinate s: the nearest one, or one of the two around s with the probability of
/// its linear weight. u in [0, 1).
OCT_HD u32 choose_texel(float s, u32 size, Wrap wrap, bool nearest, float u) {
  const float scaled = s * static_cast<float>(size);
  // floor(x + u) is floor(x) + 1 with probability fract(x)
  const float shifted = nearest ? scaled : scaled - 0.5f + u;
  return wrap_texel(to_i32(floor(shifted)), size, wrap);
}

/// Image coordinates (s to the right, t downward, 1 = the whole image) from mesh coordinates.
OCT_HD Vec2 slot_coordinates(const TextureSlot& slot, Vec2 uv) {
  return {fma(slot.m[1], uv.y, fma(slot.m[0], uv.x, slot.m[2])),
          fma(slot.m[4], uv.y, fma(slot.m[3], uv.x, slot.m[5]))};
}

/// One texel in linear light, chosen so that its mean over u is the bilinear value.
/// slot_index  into texture_slots, not kNone
/// at          the point, with its mesh coordinates
/// u           in [0, 1)^2; lookups at the same point share it, so that maps are read at the same texel
OCT_HD Vec4 sample_texture(const RenderDataView& view, u32 slot_index, const TexturePoint& at, Vec2 u) {
  const TextureSlot& slot = view.texture_slots[slot_index];
  const TextureImage& image = view.texture_images[slot.image];
  const Vec2 st = slot_coordinates(slot, texture_coordinates(view, at, slot.uv_set));
  const bool nearest = slot.nearest != 0;
  const u32 x = choose_texel(wrap_coordinate(st.x, slot.wrap_s), image.width, slot.wrap_s, nearest, u.x);
  const u32 y = choose_texel(wrap_coordinate(st.y, slot.wrap_t), image.height, slot.wrap_t, nearest, u.y);
  return decode_texel(view, image, x, y);
}

/// Alpha filtered bilinearly in full, for tests against a cutoff: there a chance texel would blur the edge.
OCT_HD float filtered_alpha(const RenderDataView& view, u32 slot_index, const TexturePoint& at) {
  const TextureSlot& slot = view.texture_slots[slot_index];
  const TextureImage& image = view.texture_images[slot.image];
  const Vec2 st = slot_coordinates(slot, texture_coordinates(view, at, slot.uv_set));
  const float s = wrap_coordinate(st.x, slot.wrap_s) * static_cast<float>(image.width);
  const float t = wrap_coordinate(st.y, slot.wrap_t) * static_cast<float>(image.height);
  const float left = floor(slot.nearest != 0 ? s : s - 0.5f);
  const float top = floor(slot.nearest != 0 ? t : t - 0.5f);
  const u32 x0 = wrap_texel(to_i32(left), image.width, slot.wrap_s);
  const u32 y0 = wrap_texel(to_i32(top), image.height, slot.wrap_t);
  const float a00 = load_texel(view, image, x0, y0).w;
  if (slot.nearest != 0) return a00;
  const u32 x1 = wrap_texel(to_i32(left) + 1, image.width, slot.wrap_s);
  const u32 y1 = wrap_texel(to_i32(top) + 1, image.height, slot.wrap_t);
  const float a10 = load_texel(view, image, x1, y0).w;
  const float a01 = load_texel(view, image, x0, y1).w;
  const float a11 = load_texel(view, image, x1, y1).w;
  const float x_weight = s - 0.5f - left;
  return lerp(lerp(a00, a10, x_weight), lerp(a01, a11, x_weight), t - 0.5f - top);
}

}  // namespace oct::inline OCT_ISA
