#include "compile/texels.hpp"

#include <array>

#include "math/transcendental.hpp"
#include "math/vec.hpp"

namespace oct {
namespace {

/// IEC 61966-2-1.
float linear_from_srgb(float x) {
  return x <= 0.04045f ? x / 12.92f : pow((x + 0.055f) / 1.055f, 2.4f);
}

const std::array<float, 256>& srgb8_table() {
  static const std::array<float, 256> table = [] {
    std::array<float, 256> values{};
    for (u32 i = 0; i < 256; ++i) values[i] = linear_from_srgb(static_cast<float>(i) / 255.0f);
    return values;
  }();
  return table;
}

Vec3 rgb8_linear(u32 word) {
  return Vec3{static_cast<float>(word & 255u), static_cast<float>(word >> 8 & 255u),
              static_cast<float>(word >> 16 & 255u)} /
         255.0f;
}

Vec3 rgb16_linear(const u32* words) {
  return Vec3{static_cast<float>(words[0] & 0xffffu), static_cast<float>(words[0] >> 16),
              static_cast<float>(words[1] & 0xffffu)} /
         65535.0f;
}

}  // namespace

TexelReader::TexelReader(const RenderData& data, u32 image)
    : image_(data.texture_images[image]), words_(data.texels.data() + image_.first_word) {}

Vec3 TexelReader::at(u32 x, u32 y) const {
  const u64 texel = u64{y} * image_.width + x;
  switch (image_.format) {
    case TexelFormat::rgba8_srgb: {
      const auto& table = srgb8_table();
      const u32 word = words_[texel];
      return {table[word & 255u], table[word >> 8 & 255u], table[word >> 16 & 255u]};
    }
    case TexelFormat::rgba8_linear: return rgb8_linear(words_[texel]);
    case TexelFormat::rgba16_srgb: {
      const Vec3 v = rgb16_linear(words_ + 2 * texel);
      return {linear_from_srgb(v.x), linear_from_srgb(v.y), linear_from_srgb(v.z)};
    }
    case TexelFormat::rgba16_linear: return rgb16_linear(words_ + 2 * texel);
    case TexelFormat::rgb32_float: break;
  }
  const u32* words = words_ + 3 * texel;
  return {float_from_bits(words[0]), float_from_bits(words[1]), float_from_bits(words[2])};
}

}  // namespace oct
