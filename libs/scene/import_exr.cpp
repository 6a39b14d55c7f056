#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "exr/cursor.hpp"
#include "exr/exr_header.hpp"
#include "scene/exr_codec.hpp"
#include "scene/import_image.hpp"
#include "scene/import_log.hpp"
#include "scene/invalid.hpp"

namespace oct {
namespace {

/// The header of a picture that can be decoded.
struct Header : ExrHeader {
  ExrCompression codec = ExrCompression::none;
  std::vector<ExrPixelType> types;  ///< of the channels
};

Result<ExrCompression> codec_of(std::uint8_t number) {
  static constexpr const char* kNames[] = {"none",  "RLE", "ZIPS", "ZIP",  "PIZ",
                                           "PXR24", "B44", "B44A", "DWAA", "DWAB"};
  if (number <= static_cast<std::uint8_t>(ExrCompression::pxr24)) return static_cast<ExrCompression>(number);
  const std::string name = number < std::size(kNames) ? kNames[number] : std::to_string(number);
  return invalid(
      fmt::format("is compressed with {}, which is not supported; ZIP, PIZ, RLE and PXR24 are", name));
}

Result<Header> read_header(ByteView file) {
  OCT_TRY_ASSIGN(ExrHeader read, read_exr_header(file));
  Header header;
  static_cast<ExrHeader&>(header) = std::move(read);
  OCT_TRY_ASSIGN(header.codec, codec_of(header.compression));
  for (const ExrChannel& channel : header.channels) {
    if (channel.x_sampling != 1 || channel.y_sampling != 1) {
      return invalid(
          fmt::format("channel \"{}\" is subsampled, which is not supported", printable(channel.name)));
    }
    header.types.push_back(channel.type);
  }
  return header;
}

/// Sizes are possible, and the file is long enough to hold so many pixels: no codec here exceeds 1032 : 1.
Result<void> check_header(const Header& header, std::size_t file_size) {
  const ExrWindow& window = header.data_window;
  if (window.width() <= 0 || window.height() <= 0) return invalid("has no pixels");
  const auto width = static_cast<std::uint64_t>(window.width());
  const auto height = static_cast<std::uint64_t>(window.height());
  OCT_TRY(check_image_size(width, height));
  if (header.display_window && *header.display_window != window) {
    return invalid("stores only part of the picture (data and display window differ)");
  }
  const std::size_t pixel_size = ExrBlockShape{1, 1, header.types}.byte_count();
  constexpr std::uint64_t kLargestRatio = 1032;
  if (width * height * pixel_size / kLargestRatio > file_size) return invalid("is cut off");
  if (header.tiled && (header.tile_width == 0 || header.tile_height == 0))
    return invalid("has a damaged header");
  return {};
}

/// Which channel becomes red, green and blue.
Result<std::array<std::size_t, 3>> choose_channels(const Header& header) {
  const auto find = [&](std::string_view name) -> std::optional<std::size_t> {
    for (std::size_t c = 0; c < header.channels.size(); ++c) {
      if (header.channels[c].name == name) return c;
    }
    return std::nullopt;
  };
  const auto red = find("R");
  const auto green = find("G");
  const auto blue = find("B");
  if (red && green && blue) return std::array{*red, *green, *blue};
  if (const auto luminance = find("Y"); luminance && !find("RY"))
    return std::array{*luminance, *luminance, *luminance};
  const auto alpha = find("A");
  if (header.channels.size() == (alpha ? 2 : 1)) {
    const std::size_t only = alpha == std::size_t{0} && header.channels.size() == 2 ? 1 : 0;
    return std::array{only, only, only};
  }
  std::string names;
  for (const ExrChannel& channel : header.channels) names += (names.empty() ? "" : ", ") + channel.name;
  return invalid(
      fmt::format("has channels {}; needed are R, G and B, or Y, or a single one", printable(names)));
}

/// IEEE 754 binary16 to binary32, exact.
float half_to_float(std::uint32_t half) {
  const std::uint32_t sign = (half & 0x8000u) << 16;
  const std::uint32_t exponent = half >> 10 & 0x1fu;
  const std::uint32_t mantissa = half & 0x3ffu;
  if (exponent == 0) {  // zero or denormal: mantissa times 2^-24
    const float magnitude = static_cast<float>(mantissa) * 5.9604644775390625e-08f;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t widened = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | widened << 23 | mantissa << 13);
}

/// `count` values of one type to every third float.
void convert_values(const std::byte* in, ExrPixelType type, std::size_t count, float* out) {
  switch (type) {
    case ExrPixelType::half:
      for (std::size_t i = 0; i < count; ++i) out[3 * i] = half_to_float(load<std::uint16_t>(in + 2 * i));
      return;
    case ExrPixelType::real:
      for (std::size_t i = 0; i < count; ++i) out[3 * i] = load<float>(in + 4 * i);
      return;
    case ExrPixelType::uint:
      for (std::size_t i = 0; i < count; ++i)
        out[3 * i] = static_cast<float>(load<std::uint32_t>(in + 4 * i));
      return;
  }
}

/// A block of the file: pixels [x0, x0 + width) x [y0, y0 + lines) of the data window.
struct Block {
  std::size_t x0 = 0, y0 = 0;
  ExrBlockShape shape;
};

class Decoder {
 public:
  Decoder(ByteView file, const Header& header, const std::array<std::size_t, 3>& rgb)
      : file_(file), header_(header) {
    image_.width = static_cast<std::uint32_t>(header.data_window.width());
    image_.height = static_cast<std::uint32_t>(header.data_window.height());
    image_.rgb_float.resize(std::size_t{image_.width} * image_.height * 3);
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t before = 0; before < rgb[c]; ++before)
        value_offset_[c] += exr_value_size(header.types[before]);
      types_[c] = header.types[rgb[c]];
    }
  }

  /// `table` stands at the offset table.
  Result<SceneImage> decode(Cursor table) {
    const std::size_t block_width = header_.tiled ? header_.tile_width : image_.width;
    const std::size_t block_lines = header_.tiled ? header_.tile_height : lines_per_block();
    for (std::size_t y0 = 0; y0 < image_.height; y0 += block_lines) {
      for (std::size_t x0 = 0; x0 < image_.width; x0 += block_width) {
        const std::size_t width = std::min(block_width, image_.width - x0);
        const std::size_t lines = std::min(block_lines, image_.height - y0);
        const std::uint64_t offset = table.u64();
        if (table.failed() || offset >= file_.size()) return invalid("is cut off");
        if (offset == 0) return invalid("is incomplete: its writer was interrupted");
        OCT_TRY(decode_block(offset, {x0, y0, {width, lines, header_.types}}));
      }
    }
    return std::move(image_);
  }

 private:
  std::size_t lines_per_block() const {
    switch (header_.codec) {
      case ExrCompression::piz: return 32;
      case ExrCompression::zip:
      case ExrCompression::pxr24: return 16;
      default: return 1;
    }
  }

  /// The chunk's own coordinates must be the ones that the offset table promises.
  bool is_chunk_of(Cursor& chunk, const Block& block) const {
    if (!header_.tiled) return chunk.i32() == header_.data_window.y0 + static_cast<std::int64_t>(block.y0);
    const std::uint32_t tile_x = chunk.u32();
    const std::uint32_t tile_y = chunk.u32();
    const std::uint32_t level_x = chunk.u32();
    const std::uint32_t level_y = chunk.u32();
    return level_x == 0 && level_y == 0 && std::size_t{tile_x} * header_.tile_width == block.x0 &&
           std::size_t{tile_y} * header_.tile_height == block.y0;
  }

  Result<void> decode_block(std::uint64_t offset, const Block& block) {
    Cursor chunk(file_.subspan(offset));
    if (!is_chunk_of(chunk, block)) return invalid("holds a damaged block");
    const std::uint32_t size = chunk.u32();
    const ByteView stored = chunk.take(size);
    if (chunk.failed()) return invalid("is cut off");
    OCT_TRY_ASSIGN(const Bytes plain, decompress_exr_block(header_.codec, stored, block.shape));
    scatter(plain, block);
    return {};
  }

  void scatter(ByteView plain, const Block& block) {
    const std::size_t line_size = ExrBlockShape{block.shape.width, 1, header_.types}.byte_count();
    for (std::size_t y = 0; y < block.shape.lines; ++y) {
      float* out = image_.rgb_float.data() + ((block.y0 + y) * image_.width + block.x0) * 3;
      for (std::size_t c = 0; c < 3; ++c) {
        // a line holds all values of its first channel, then those of the second ...
        const std::size_t channel = y * line_size + value_offset_[c] * block.shape.width;
        convert_values(plain.data() + channel, types_[c], block.shape.width, out + c);
      }
    }
  }

  ByteView file_;
  const Header& header_;
  SceneImage image_;
  std::array<std::size_t, 3> value_offset_{};  ///< bytes of the channels before, per pixel
  std::array<ExrPixelType, 3> types_{};
};

}  // namespace

Result<SceneImage> decode_exr(ByteView file) {
  OCT_TRY_ASSIGN(const Header header, read_header(file));
  OCT_TRY(check_header(header, file.size()));
  OCT_TRY_ASSIGN(const auto rgb, choose_channels(header));
  return Decoder(file, header, rgb).decode(Cursor(file.subspan(header.byte_count)));
}

}  // namespace oct
