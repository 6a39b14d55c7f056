#pragma once
#include <cstdint>
#include <vector>

#include "base/result.hpp"

namespace oct {

/// Decoded pixels. Exactly one of the vectors is filled: width x height x 4 (RGBA) for integers, x 3 (RGB) for
/// floats; rows from the top.
struct Picture {
  std::uint32_t width = 0, height = 0;
  std::vector<std::uint8_t> rgba8;
  std::vector<std::uint16_t> rgba16;
  std::vector<float> rgb_float;
};

enum class ValueKind { bits8, bits16, real };

/// What a header says of a picture.
struct PictureShape {
  std::uint32_t width = 0, height = 0;
  ValueKind values = ValueKind::bits8;
};

/// Largest picture that is decoded, 16384 x 16384.
inline constexpr std::uint64_t kMaxPicturePixels = std::uint64_t{1} << 28;
inline constexpr std::uint64_t kLongestPictureSide = std::uint64_t{1} << 24;

/// Faults of a picture's size: none at all, or more pixels than we decode.
Result<void> check_picture_size(std::uint64_t width, std::uint64_t height);

/// An empty picture of that shape, its pixels zero.
Picture make_picture(const PictureShape& shape);

}  // namespace oct
