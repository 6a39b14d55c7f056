#pragma once
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "exr/exr_header.hpp"

// Compressed blocks of OpenEXR files ("OpenEXR File Layout", openexr.com). Errors hold the reason alone.

namespace oct {

enum class ExrCompression : std::uint8_t { none, rle, zips, zip, piz, pxr24 };

/// Bytes of one value.
constexpr std::size_t exr_value_size(ExrPixelType type) {
  return type == ExrPixelType::half ? 2 : 4;
}

/// A block holds `lines` lines of `width` pixels: line by line, in each line channel by channel.
struct ExrBlockShape {
  std::size_t width = 0, lines = 0;
  std::span<const ExrPixelType> channels;

  std::size_t byte_count() const;
};

/// The block's plain bytes, exactly shape.byte_count() of them; `stored` are the bytes of the file. Blocks
/// that compression would not shrink are stored plain whatever the file's compression says.
Result<Bytes> decompress_exr_block(ExrCompression compression, ByteView stored, const ExrBlockShape& shape);

/// PIZ (wavelets, then Huffman codes), decoded by tinyexr.
Result<Bytes> decompress_exr_piz(ByteView stored, const ExrBlockShape& shape);

}  // namespace oct
