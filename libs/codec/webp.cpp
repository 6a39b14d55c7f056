#include "codec/webp.hpp"

#include <webp/decode.h>

#include <cstring>

#include "codec/invalid.hpp"

namespace oct {
namespace {

const std::uint8_t* bytes_of(ByteView file) {
  return reinterpret_cast<const std::uint8_t*>(file.data());
}

}  // namespace

bool is_webp(ByteView file) {
  return file.size() >= 12 && std::memcmp(file.data(), "RIFF", 4) == 0 &&
         std::memcmp(file.data() + 8, "WEBP", 4) == 0;
}

Result<PictureShape> probe_webp(ByteView file) {
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(bytes_of(file), file.size(), &features);
  if (status == VP8_STATUS_NOT_ENOUGH_DATA) return invalid("is cut off");
  if (status != VP8_STATUS_OK) return invalid("is damaged");
  if (features.has_animation != 0) return invalid("is an animation, which is not supported");
  const PictureShape shape{static_cast<std::uint32_t>(features.width),
                           static_cast<std::uint32_t>(features.height), ValueKind::bits8};
  OCT_TRY(check_picture_size(shape.width, shape.height));
  // pictures of one colour take no bits for their pixels, so that only large ones are doubted
  constexpr std::uint64_t kAlways = 4096 * 4096;
  constexpr std::uint64_t kPixelsPerByte = 65536;
  const std::uint64_t pixels = std::uint64_t{shape.width} * shape.height;
  if (pixels > kAlways + file.size() * kPixelsPerByte) return invalid("is cut off");
  return shape;
}

Result<Picture> decode_webp(ByteView file) {
  OCT_TRY_ASSIGN(const PictureShape shape, probe_webp(file));
  Picture picture = make_picture(shape);
  const auto* decoded = WebPDecodeRGBAInto(bytes_of(file), file.size(), picture.rgba8.data(),
                                           picture.rgba8.size(), static_cast<int>(shape.width * 4));
  if (decoded == nullptr) return invalid("is cut off or damaged");
  return picture;
}

}  // namespace oct
