#pragma once
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

// Small picture files, written byte by byte as the formats' specifications say.

namespace oct::test {

class ByteWriter {
 public:
  ByteWriter& u8(unsigned value) {
    bytes.push_back(static_cast<std::byte>(value));
    return *this;
  }
  ByteWriter& text(std::string_view value) {
    for (const char c : value) bytes.push_back(static_cast<std::byte>(c));
    return *this;
  }
  ByteWriter& little(std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) u8(static_cast<unsigned>(value >> (8 * i) & 0xffu));
    return *this;
  }
  ByteWriter& big32(std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) u8(value >> shift & 0xffu);
    return *this;
  }
  ByteWriter& raw(ByteView value) {
    bytes.insert(bytes.end(), value.begin(), value.end());
    return *this;
  }
  Bytes bytes;
};

inline Bytes deflate(ByteView plain) {
  uLongf size = compressBound(static_cast<uLong>(plain.size()));
  Bytes packed(size);
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(plain.data()),
           static_cast<uLong>(plain.size()));
  packed.resize(size);
  return packed;
}

/// `rows` are the bytes of each row after its filter byte; color_type 0 grey, 2 RGB, 3 palette, 6 RGBA.
inline Bytes make_png(std::uint32_t width, std::uint32_t height, unsigned bit_depth, unsigned color_type,
                      const std::vector<std::vector<std::uint8_t>>& rows, ByteView palette = {}) {
  ByteWriter file;
  file.text("\x89PNG\r\n\x1a\n");
  const auto chunk = [&](std::string_view kind, ByteView data) {
    ByteWriter body;
    body.text(kind).raw(data);
    const auto crc =
        crc32(0, reinterpret_cast<const Bytef*>(body.bytes.data()), static_cast<uInt>(body.bytes.size()));
    file.big32(static_cast<std::uint32_t>(data.size()))
        .raw(body.bytes)
        .big32(static_cast<std::uint32_t>(crc));
  };
  ByteWriter header;
  header.big32(width).big32(height).u8(bit_depth).u8(color_type).u8(0).u8(0).u8(0);
  chunk("IHDR", header.bytes);
  if (!palette.empty()) chunk("PLTE", palette);
  ByteWriter pixels;
  for (const auto& row : rows) {
    pixels.u8(0);
    for (const std::uint8_t value : row) pixels.u8(value);
  }
  chunk("IDAT", deflate(pixels.bytes));
  chunk("IEND", {});
  return file.bytes;
}

/// One pixel of that colour.
inline Bytes a_png(std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  return make_png(1, 1, 8, 2, {{red, green, blue}});
}

/// Radiance HDR with plain (not run-length coded) pixels.
inline Bytes make_hdr(std::uint32_t width, std::uint32_t height,
                      const std::vector<std::array<std::uint8_t, 4>>& rgbe) {
  ByteWriter file;
  file.text("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n");
  file.text("-Y " + std::to_string(height) + " +X " + std::to_string(width) + "\n");
  for (const auto& pixel : rgbe) {
    for (const std::uint8_t value : pixel) file.u8(value);
  }
  return file.bytes;
}

/// OpenEXR. Blocks are given as they stand in the file: compressed bytes of 1, 16 or 32 lines, or of a tile.
struct ExrMaker {
  struct Channel {
    std::string name;
    unsigned type = 1;  ///< 0 uint, 1 half, 2 float
    unsigned sampling = 1;
  };
  std::uint32_t width = 1, height = 1;
  std::vector<Channel> channels{{"B"}, {"G"}, {"R"}};
  unsigned compression = 0;
  unsigned tile_size = 0;  ///< 0 = scanlines
  int origin_x = 0, origin_y = 0;
  int display_shift = 0;
  std::uint32_t version = 2;
  unsigned lines_per_block = 1;
  std::vector<Bytes> blocks;

  void window(ByteWriter& file, std::string_view name, int shift) const {
    attribute(file, name, "box2i", 16);
    const auto at = [&](int value) { file.little(static_cast<std::uint32_t>(value + shift), 4); };
    at(origin_x);
    at(origin_y);
    at(origin_x + static_cast<int>(width) - 1);
    at(origin_y + static_cast<int>(height) - 1);
  }

  static void attribute(ByteWriter& file, std::string_view name, std::string_view type, std::size_t size) {
    file.text(name).u8(0).text(type).u8(0).little(size, 4);
  }

  Bytes file() const {
    ByteWriter out;
    out.little(0x01312f76, 4).little(version | (tile_size > 0 ? 0x200u : 0u), 4);
    ByteWriter list;
    for (const Channel& channel : channels) {
      list.text(channel.name).u8(0).little(channel.type, 4).little(0, 4);
      list.little(channel.sampling, 4).little(channel.sampling, 4);
    }
    list.u8(0);
    attribute(out, "channels", "chlist", list.bytes.size());
    out.raw(list.bytes);
    attribute(out, "compression", "compression", 1);
    out.u8(compression);
    window(out, "dataWindow", 0);
    window(out, "displayWindow", display_shift);
    attribute(out, "lineOrder", "lineOrder", 1);
    out.u8(0);
    if (tile_size > 0) {
      attribute(out, "tiles", "tiledesc", 9);
      out.little(tile_size, 4).little(tile_size, 4).u8(0);
    }
    out.u8(0);
    std::uint64_t offset = out.bytes.size() + 8 * blocks.size();
    for (const Bytes& block : blocks) {
      out.little(offset, 8);
      offset += (tile_size > 0 ? 20 : 8) + block.size();
    }
    const std::uint32_t across = tile_size > 0 ? (width + tile_size - 1) / tile_size : 1;
    for (std::uint32_t i = 0; i < blocks.size(); ++i) {
      if (tile_size > 0) {
        out.little(i % across, 4).little(i / across, 4).little(0, 8);
      } else {
        out.little(static_cast<std::uint32_t>(origin_y + static_cast<int>(i * lines_per_block)), 4);
      }
      out.little(blocks[i].size(), 4).raw(blocks[i]);
    }
    return out.bytes;
  }
};

}  // namespace oct::test
