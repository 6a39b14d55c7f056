#include "codec/picture.hpp"

#include <fmt/format.h>

#include "codec/invalid.hpp"

namespace oct {

Result<void> check_picture_size(std::uint64_t width, std::uint64_t height) {
  if (width == 0 || height == 0) return invalid("has no pixels");
  if (width > kLongestPictureSide || height > kLongestPictureSide || width * height > kMaxPicturePixels) {
    return invalid(fmt::format("has {} x {} pixels; the most are 16384 x 16384 in all", width, height));
  }
  return {};
}

Picture make_picture(const PictureShape& shape) {
  Picture picture;
  picture.width = shape.width;
  picture.height = shape.height;
  const std::size_t pixels = std::size_t{shape.width} * shape.height;
  switch (shape.values) {
    case ValueKind::bits8: picture.rgba8.resize(pixels * 4); break;
    case ValueKind::bits16: picture.rgba16.resize(pixels * 4); break;
    case ValueKind::real: picture.rgb_float.resize(pixels * 3); break;
  }
  return picture;
}

}  // namespace oct
