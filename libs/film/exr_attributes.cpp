#include "film/exr_attributes.hpp"

#include <array>
#include <cmath>
#include <limits>

#include "math/transform.hpp"

namespace oct {
namespace {

/// OpenEXR multiplies row vectors from the left.
using Matrix4 = std::array<float, 16>;

class ExrHeaderWriter {
 public:
  Bytes take() {
    value(std::uint8_t{0});
    return std::move(bytes_);
  }

  template <class T>
  void value(const T& plain) {
    const ByteView bytes = bytes_of_value(plain);
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void attribute(const std::string& name, const char* type, ByteView content) {
    text(name);
    text(type);
    value(static_cast<std::uint32_t>(content.size()));
    bytes_.insert(bytes_.end(), content.begin(), content.end());
  }
  template <class T>
  void attribute_of(const std::string& name, const char* type, const T& plain) {
    attribute(name, type, bytes_of_value(plain));
  }

 private:
  void text(const std::string& text) {
    const ByteView bytes = std::as_bytes(std::span(text.c_str(), text.size() + 1));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  Bytes bytes_;
};

Bytes channel_list(ExrType type) {
  Bytes list;
  for (const char name : {'A', 'B', 'G', 'R'}) {
    const std::uint32_t entry[4] = {type == ExrType::half ? 1u : 2u, 0, 1, 1};  // type, linear, sampling
    list.push_back(static_cast<std::byte>(name));
    list.push_back(std::byte{0});
    const ByteView bytes = std::as_bytes(std::span(entry));
    list.insert(list.end(), bytes.begin(), bytes.end());
  }
  list.push_back(std::byte{0});
  return list;
}

/// As ImfStandardAttributes.h defines it: left-handed, +Z is the viewing direction. The camera's transform is
/// rigid, so its inverse is the transposed rotation.
Matrix4 world_to_camera(const Camera& camera) {
  const float* m = camera.world_from_camera.m;
  const Vec3 right{m[0], m[4], m[8]}, up{m[1], m[5], m[9]}, forward{-m[2], -m[6], -m[10]},
      eye{m[3], m[7], m[11]};
  return {right.x,          up.x,          forward.x,          0,  //
          right.y,          up.y,          forward.y,          0,  //
          right.z,          up.z,          forward.z,          0,  //
          -dot(right, eye), -dot(up, eye), -dot(forward, eye), 1};
}

/// (0, 0) is the upper left and (1, 1) the lower right corner of the picture.
Matrix4 world_to_ndc(const Camera& camera) {
  const Matrix4 view = world_to_camera(camera);
  Matrix4 result{};
  const float sx = 0.5f / camera.half_width;
  const float sy = -0.5f / camera.half_height;
  const bool parallel = camera.projection == Projection::orthographic;
  for (std::size_t row = 0; row < 4; ++row) {
    const float x = view[row * 4], y = view[row * 4 + 1], z = view[row * 4 + 2];
    result[row * 4] = x * sx + z * (0.5f - camera.shift_right);
    result[row * 4 + 1] = y * sy + z * (0.5f + camera.shift_up);
    result[row * 4 + 2] = z;
    result[row * 4 + 3] = z;
    if (!parallel) continue;
    // nothing is divided by the depth, so that the middle of the picture is added to positions alone
    const float one = row == 3 ? 1.0f : 0.0f;
    result[row * 4] = x * sx + one * (0.5f - camera.shift_right);
    result[row * 4 + 1] = y * sy + one * (0.5f + camera.shift_up);
    result[row * 4 + 3] = one;
  }
  return result;
}

/// Whole rates over 1, those of television (23.976, 29.97, 59.94) over 1001 as they are defined, others over
/// 1000.
std::array<std::uint32_t, 2> rational_rate(double rate) {
  const auto whole = [](double value) { return static_cast<std::uint32_t>(std::lround(value)); };
  if (std::abs(rate - std::round(rate)) < 1e-9) return {whole(rate), 1};
  const double television = rate * 1.001;
  if (std::abs(television - std::round(television)) < 1e-3) return {whole(television) * 1000, 1001};
  return {whole(rate * 1000), 1000};
}

void write_number(ExrHeaderWriter& writer, const std::string& name, std::int64_t number) {
  using Limits = std::numeric_limits<std::int32_t>;
  if (number >= Limits::min() && number <= Limits::max())
    writer.attribute_of(name, "int", static_cast<std::int32_t>(number));
  else
    writer.attribute_of(name, "double", static_cast<double>(number));
}

}  // namespace

Bytes exr_header(std::uint32_t width, std::uint32_t height, ExrType type, const PictureMetadata& metadata) {
  constexpr float kRec709[8] = {0.64f, 0.33f, 0.30f,   0.60f,
                                0.15f, 0.06f, 0.3127f, 0.3290f};  // R, G, B, white
  constexpr std::uint8_t kZip = 3, kIncreasingY = 0;
  const std::uint32_t window[4] = {0, 0, width - 1, height - 1};
  constexpr float kCenter[2] = {0, 0};
  ExrHeaderWriter writer;
  writer.value(std::uint32_t{20000630});
  writer.value(std::uint32_t{2});
  writer.attribute("channels", "chlist", channel_list(type));
  writer.attribute_of("compression", "compression", kZip);
  writer.attribute_of("dataWindow", "box2i", window);
  writer.attribute_of("displayWindow", "box2i", window);
  writer.attribute_of("lineOrder", "lineOrder", kIncreasingY);
  writer.attribute_of("pixelAspectRatio", "float", 1.0f);
  writer.attribute_of("screenWindowCenter", "v2f", kCenter);
  writer.attribute_of("screenWindowWidth", "float", 1.0f);
  writer.attribute_of("chromaticities", "chromaticities", kRec709);
  for (const auto& [name, number] : metadata.numbers) write_number(writer, name, number);
  for (const auto& [name, text] : metadata.texts)
    writer.attribute(name, "string", std::as_bytes(std::span(text)));
  if (metadata.camera) {
    writer.attribute_of("worldToCamera", "m44f", world_to_camera(*metadata.camera));
    writer.attribute_of("worldToNDC", "m44f", world_to_ndc(*metadata.camera));
  }
  if (metadata.frames_per_second > 0)
    writer.attribute_of("framesPerSecond", "rational", rational_rate(metadata.frames_per_second));
  return writer.take();
}

}  // namespace oct
