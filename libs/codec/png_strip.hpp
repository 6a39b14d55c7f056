#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"

// The pixels of a PNG file are one zlib stream. It is made here in strips of rows that know nothing of each other, so
// that several threads can work on one picture; how many they are changes no bit.

namespace oct {

/// Rows of a strip for pictures of this width: about 512 kB of pixels.
std::uint32_t png_strip_rows(std::uint32_t width, int bits);

/// A piece of a zlib stream.
struct PngStrip {
  Bytes packed;
  std::uint32_t checksum = 0;    ///< Adler-32 of what was packed
  std::uint64_t byte_count = 0;  ///< that were packed
};

/// Filters and compresses rows of RGB.
///   codes      code values of whole rows, at most 2^bits - 1
///   row_above  the same of the row above; empty for the first rows of a picture
///   is_first, is_last  in the picture: they open and close the stream
/// Throws std::bad_alloc.
PngStrip pack_png_strip(std::span<const std::uint16_t> codes, std::span<const std::uint16_t> row_above,
                        std::uint32_t width, int bits, bool is_first, bool is_last);

/// The end of the stream: the checksum of all strips together. They are added in order.
class PngChecksum {
 public:
  void add(const PngStrip& strip);
  Bytes bytes() const;

 private:
  std::uint32_t checksum_ = 1;  // of nothing
};

}  // namespace oct
