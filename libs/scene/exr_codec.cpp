#include "scene/exr_codec.hpp"

#include <zlib.h>

#include <cstring>

namespace oct {
namespace {

Unexpected damaged() {
  return fail(ErrorKind::invalid_input, "holds a damaged block");
}

Result<Bytes> inflate(ByteView stored, std::size_t size) {
  Bytes plain(size);
  uLongf written = static_cast<uLongf>(size);
  const int status =
      uncompress(reinterpret_cast<Bytef*>(plain.data()), &written,
                 reinterpret_cast<const Bytef*>(stored.data()), static_cast<uLong>(stored.size()));
  if (status != Z_OK || written != size) return damaged();
  return plain;
}

/// Runs: a negative count copies that many bytes, another one repeats the next byte count + 1 times.
Result<Bytes> expand_runs(ByteView stored, std::size_t size) {
  Bytes plain;
  plain.reserve(size);
  std::size_t at = 0;
  while (at < stored.size()) {
    const int count = static_cast<std::int8_t>(stored[at++]);
    const std::size_t length =
        count < 0 ? static_cast<std::size_t>(-count) : static_cast<std::size_t>(count) + 1;
    const std::size_t taken = count < 0 ? length : 1;
    if (stored.size() - at < taken || size - plain.size() < length) return damaged();
    if (count < 0) {
      plain.insert(plain.end(), stored.begin() + static_cast<std::ptrdiff_t>(at),
                   stored.begin() + static_cast<std::ptrdiff_t>(at + length));
    } else {
      plain.insert(plain.end(), length, stored[at]);
    }
    at += taken;
  }
  if (plain.size() != size) return damaged();
  return plain;
}

/// Undoes what RLE and ZIP do before compressing: differences of neighbours around 128, and the bytes at even
/// places in the first half, those at odd places in the second.
Bytes undo_differences_and_split(Bytes bytes) {
  for (std::size_t i = 1; i < bytes.size(); ++i) {
    const unsigned sum = std::to_integer<unsigned>(bytes[i - 1]) + std::to_integer<unsigned>(bytes[i]) - 128u;
    bytes[i] = static_cast<std::byte>(sum & 0xffu);
  }
  Bytes joined(bytes.size());
  const std::size_t half = (bytes.size() + 1) / 2;
  for (std::size_t i = 0; i < bytes.size(); ++i) joined[i] = bytes[i % 2 == 0 ? i / 2 : half + i / 2];
  return joined;
}

/// PXR24 keeps the upper 24 bits of floats.
std::size_t pxr24_bytes(ExrPixelType type) {
  return type == ExrPixelType::real ? 3 : exr_value_size(type);
}

/// One channel of one line: byte planes from the highest, differences of neighbours.
void expand_pxr24_line(const std::byte*& in, std::byte*& out, ExrPixelType type, std::size_t width) {
  const std::size_t planes = pxr24_bytes(type);
  const unsigned low_bits = type == ExrPixelType::real ? 8 : 0;
  std::uint32_t value = 0;
  for (std::size_t x = 0; x < width; ++x) {
    std::uint32_t difference = 0;
    for (std::size_t p = 0; p < planes; ++p)
      difference = difference << 8 | std::to_integer<std::uint32_t>(in[p * width + x]);
    value += difference << low_bits;
    std::memcpy(out, &value, exr_value_size(type));  // little-endian: the low half of a half
    out += exr_value_size(type);
  }
  in += planes * width;
}

Result<Bytes> expand_pxr24(ByteView stored, const ExrBlockShape& shape) {
  std::size_t packed_size = 0;
  for (const ExrPixelType type : shape.channels) packed_size += pxr24_bytes(type) * shape.width * shape.lines;
  OCT_TRY_ASSIGN(const Bytes packed, inflate(stored, packed_size));
  Bytes plain(shape.byte_count());
  const std::byte* in = packed.data();
  std::byte* out = plain.data();
  for (std::size_t y = 0; y < shape.lines; ++y) {
    for (const ExrPixelType type : shape.channels) expand_pxr24_line(in, out, type, shape.width);
  }
  return plain;
}

}  // namespace

std::size_t ExrBlockShape::byte_count() const {
  std::size_t pixel_size = 0;
  for (const ExrPixelType type : channels) pixel_size += exr_value_size(type);
  return width * lines * pixel_size;
}

Result<Bytes> decompress_exr_block(ExrCompression compression, ByteView stored, const ExrBlockShape& shape) {
  const std::size_t size = shape.byte_count();
  if (stored.size() > size) return damaged();
  if (stored.size() == size) return Bytes(stored.begin(), stored.end());
  switch (compression) {
    case ExrCompression::none: return damaged();
    case ExrCompression::rle: {
      OCT_TRY_ASSIGN(Bytes bytes, expand_runs(stored, size));
      return undo_differences_and_split(std::move(bytes));
    }
    case ExrCompression::zips:
    case ExrCompression::zip: {
      OCT_TRY_ASSIGN(Bytes bytes, inflate(stored, size));
      return undo_differences_and_split(std::move(bytes));
    }
    case ExrCompression::piz: return decompress_exr_piz(stored, shape);
    case ExrCompression::pxr24: return expand_pxr24(stored, shape);
  }
  return damaged();
}

}  // namespace oct
