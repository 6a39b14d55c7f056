#include "film/exr.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <bit>

#include "exr/exr_header.hpp"
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

template <class Value>
void store(Bytes& block, std::size_t index, Value value) {
  std::memcpy(block.data() + index * sizeof value, &value, sizeof value);
}

/// Rows of a block as they lie in the file: of each row the values of A, of B, of G, of R.
Bytes exr_rows(const Image& strip, ExrType type) {
  const std::size_t size = type == ExrType::half ? 2 : 4;
  const float largest = type == ExrType::half ? kLargestHalf : kLargestFloat;
  Bytes block(std::size_t{strip.width} * strip.height * 4 * size);
  std::size_t next = 0;
  for (std::size_t y = 0; y < strip.height; ++y) {
    for (std::size_t channel = 4; channel-- > 0;) {  // 3 = A
      for (std::size_t x = 0; x < strip.width; ++x, ++next) {
        const float value =
            channel == 3 ? 1.0f : min(strip.rgb[(y * strip.width + x) * 3 + channel], largest);
        type == ExrType::half ? store(block, next, half_from_float(value)) : store(block, next, value);
      }
    }
  }
  return block;
}

/// ZIP of OpenEXR: even bytes before odd ones, then differences, then zlib; the rows as they are where that
/// is not smaller.
Result<Bytes> zipped(Bytes rows) {
  Bytes parts(rows.size());
  const std::size_t evens = (rows.size() + 1) / 2;
  for (std::size_t i = 0; i < rows.size(); ++i) parts[(i % 2) * evens + i / 2] = rows[i];
  for (std::size_t i = parts.size() - 1; i > 0; --i) {
    parts[i] = static_cast<std::byte>(std::to_integer<unsigned>(parts[i]) -
                                      std::to_integer<unsigned>(parts[i - 1]) + 128);
  }
  constexpr int kLevel = 4;  // that of OpenEXR: a third of the time of level 6, files 1 % larger
  uLongf size = compressBound(static_cast<uLong>(parts.size()));
  Bytes packed(size);
  const int status =
      compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(parts.data()),
                static_cast<uLong>(parts.size()), kLevel);
  if (status != Z_OK)
    return fail(ErrorKind::internal, fmt::format("zlib cannot compress the picture ({})", status));
  packed.resize(size);
  return packed.size() < rows.size() ? std::move(packed) : std::move(rows);
}

/// Calls use(block) for each block of the file from the top: its first row, its size, its bytes.
template <class Use>
Result<void> for_each_block(const PictureRows& picture, ExrType type, Use&& use) {
  return for_each_strip(picture, [&](const Image& strip, std::uint32_t y) -> Result<void> {
    OCT_TRY_ASSIGN(const Bytes packed, zipped(exr_rows(strip, type)));
    Bytes block(8 + packed.size());
    store(block, 0, y);
    store(block, 1, static_cast<std::uint32_t>(packed.size()));
    std::copy(packed.begin(), packed.end(), block.begin() + 8);
    return use(block);
  });
}

}  // namespace

Result<void> encode_exr(ByteSink& sink, const PictureRows& picture, ExrType type,
                        const PictureMetadata& metadata) {
  static_assert(kStripRows == 16, "the blocks of ZIP");
  const Bytes header = exr_header(picture.width(), picture.height(), type, metadata);
  std::vector<std::uint64_t> places((picture.height() + kStripRows - 1) / kStripRows, 0);
  std::uint64_t next = header.size() + places.size() * sizeof places[0];
  std::size_t block_number = 0;
  const auto note_place = [&](const Bytes& block) {
    places[block_number++] = next;
    next += block.size();
  };
  const auto note_only = [&](const Bytes& block) -> Result<void> {
    note_place(block);
    return {};
  };
  if (!sink.can_overwrite()) OCT_TRY(for_each_block(picture, type, note_only));
  OCT_TRY(sink.write(header));
  OCT_TRY(sink.write(std::as_bytes(std::span(places))));
  if (!sink.can_overwrite())
    return for_each_block(picture, type, [&](const Bytes& block) { return sink.write(block); });
  OCT_TRY(for_each_block(picture, type, [&](const Bytes& block) {
    note_place(block);
    return sink.write(block);
  }));
  return sink.overwrite(header.size(), std::as_bytes(std::span(places)));
}

Result<std::vector<std::pair<std::string, std::string>>> inspect_exr(ByteView file) {
  const auto header = read_exr_header(file);
  if (!header) return fail(header.error().kind, fmt::format("the file {}", header.error().message));
  std::vector<std::pair<std::string, std::string>> texts;
  texts.emplace_back("size", fmt::format("{}x{}", header->data_window.width(), header->data_window.height()));
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
