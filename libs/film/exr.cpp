#include "film/exr.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "codec/exr.hpp"
#include "film/exr_attributes.hpp"
#include "math/scalar.hpp"

namespace oct {
namespace {

constexpr float kLargestHalf = 65504.0f;

/// The nearest half, ties away from zero; infinite for what is beyond all halves.
std::uint16_t half_from_float(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
  const std::uint32_t mantissa = bits & 0x7fffffu;
  const int exponent = static_cast<int>(bits >> 23 & 255u) - 127 + 15;
  constexpr int kNotFinite = 255 - 127 + 15;
  if (exponent == kNotFinite && mantissa != 0) return static_cast<std::uint16_t>(sign | 0x7e00u);
  if (exponent >= 31) return static_cast<std::uint16_t>(sign | 0x7c00u);
  if (exponent <= -11) return sign;
  // what is below the last bit of a half rounds it; a carry runs into the exponent, as it should
  const std::uint32_t full = exponent <= 0 ? mantissa | 0x800000u : mantissa;
  const int shift = exponent <= 0 ? 14 - exponent : 13;
  std::uint32_t half = full >> shift | (exponent <= 0 ? 0u : static_cast<std::uint32_t>(exponent) << 10);
  half += full >> (shift - 1) & 1u;
  return static_cast<std::uint16_t>(sign | half);
}

/// Planes A (1 everywhere), B, G, R of the rows from y0 on.
template <class Value, class Convert>
void fill_planes(const PictureRows& picture, std::uint32_t y0, std::span<Value> planes,
                 const Convert& convert) {
  const std::size_t pixels = planes.size() / 4;
  const Image strip = picture.rows(y0, y0 + static_cast<std::uint32_t>(pixels / picture.width()));
  std::fill_n(planes.begin(), pixels, convert(1.0f));
  for (std::size_t plane = 1; plane < 4; ++plane) {
    for (std::size_t i = 0; i < pixels; ++i)
      planes[plane * pixels + i] = convert(strip.rgb[i * 3 + 3 - plane]);
  }
}

}  // namespace

Result<void> encode_exr(ByteSink& sink, const PictureRows& picture, ExrType type,
                        const PictureMetadata& metadata, ThreadPool* pool) {
  static_assert(kStripRows == kExrBlockRows);
  const ExrDescription description = exr_description(picture.width(), picture.height(), type, metadata);
  if (type == ExrType::half) {
    const auto convert = [](float value) { return half_from_float(min(value, kLargestHalf)); };
    const ExrHalfRows rows = [&](std::uint32_t y0, std::span<std::uint16_t> planes) {
      fill_planes(picture, y0, planes, convert);
    };
    return write_exr(sink, description, rows, pool);
  }
  const auto convert = [](float value) { return min(value, kLargestFloat); };
  const ExrFloatRows rows = [&](std::uint32_t y0, std::span<float> planes) {
    fill_planes(picture, y0, planes, convert);
  };
  return write_exr(sink, description, rows, pool);
}

Result<std::vector<std::pair<std::string, std::string>>> inspect_exr(ByteView file) {
  const auto header = read_exr_header(file);
  if (!header) return fail(header.error().kind, fmt::format("the file {}", header.error().message));
  std::vector<std::pair<std::string, std::string>> texts;
  texts.emplace_back("size", fmt::format("{}x{}", header->width, header->height));
  if (header->part_count > 1) texts.emplace_back("parts", fmt::format("{}", header->part_count));
  std::string channels;
  for (const ExrChannel& channel : header->channels) {
    const bool half = channel.type == ExrPixelType::half;
    channels += fmt::format("{}{} {}", channels.empty() ? "" : ", ", channel.name, half ? "half" : "32 bit");
  }
  texts.emplace_back("channels", channels);
  texts.insert(texts.end(), header->texts.begin(), header->texts.end());
  return texts;
}

}  // namespace oct
