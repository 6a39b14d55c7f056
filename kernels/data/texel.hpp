#pragma once
#include "data/render_data.hpp"
#include "math/vec.hpp"

// From words in memory to linear colour.

namespace oct::inline OCT_ISA {

/// Linear light from an sRGB-encoded value in [0, 1] (IEC 61966-2-1). Relative error at most 1e-6; 1 gives 1.
OCT_HD float linear_from_srgb(float encoded) {
  if (encoded <= 0.04045f) return encoded * (1.0f / 12.92f);
  // x^2.4 = x^2 * s^0.8 with s = sqrt(x): a Chebyshev fit of s^0.8 over the s that occur, error 1.1e-7
  const float x = (encoded + 0.055f) * (1.0f / 1.055f);
  const float s = sqrt(x);
  float power = -0.1614338546f;
  power = fma(power, s, 0.9720176794f);
  power = fma(power, s, -2.580934406f);
  power = fma(power, s, 3.988045922f);
  power = fma(power, s, -4.000266828f);
  power = fma(power, s, 2.785751681f);
  power = fma(power, s, -1.494689581f);
  power = fma(power, s, 1.46590547f);
  power = fma(power, s, 0.02560387419f);
  return encoded < 1.0f ? x * x * power : encoded;
}

OCT_HD float unorm8(u32 word, u32 byte) {
  return static_cast<float>((word >> (8u * byte)) & 0xffu) * (1.0f / 255.0f);
}
OCT_HD float unorm16(u32 word, u32 half) {
  return static_cast<float>((word >> (16u * half)) & 0xffffu) * (1.0f / 65535.0f);
}

/// True for formats whose RGB is sRGB-encoded; A never is.
OCT_HD bool is_srgb(TexelFormat format) {
  return format == TexelFormat::rgba8_srgb || format == TexelFormat::rgba16_srgb;
}

/// Texel (x, y) from the top left, inside the image, as stored: RGBA in [0, 1], or RGB of any size and A = 1.
OCT_HD Vec4 load_texel(const RenderDataView& view, const TextureImage& image, u32 x, u32 y) {
  const u64 index = static_cast<u64>(y) * image.width + x;
  if (image.format == TexelFormat::rgba8_srgb || image.format == TexelFormat::rgba8_linear) {
    const u32 word = view.texels[image.first_word + index];
    return {unorm8(word, 0), unorm8(word, 1), unorm8(word, 2), unorm8(word, 3)};
  }
  if (image.format == TexelFormat::rgb32_float) {
    const u64 first = image.first_word + 3 * index;
    return {float_from_bits(view.texels[first]), float_from_bits(view.texels[first + 1]),
            float_from_bits(view.texels[first + 2]), 1.0f};
  }
  const u32 red_green = view.texels[image.first_word + 2 * index];
  const u32 blue_alpha = view.texels[image.first_word + 2 * index + 1];
  return {unorm16(red_green, 0), unorm16(red_green, 1), unorm16(blue_alpha, 0), unorm16(blue_alpha, 1)};
}

/// Texel (x, y) in linear light.
OCT_HD Vec4 decode_texel(const RenderDataView& view, const TextureImage& image, u32 x, u32 y) {
  const Vec4 stored = load_texel(view, image, x, y);
  if (!is_srgb(image.format)) return stored;
  return {linear_from_srgb(stored.x), linear_from_srgb(stored.y), linear_from_srgb(stored.z), stored.w};
}

}  // namespace oct::inline OCT_ISA
