#include "film/exr_attributes.hpp"

#include <array>
#include <cmath>

#include "math/transform.hpp"

namespace oct {
namespace {

/// OpenEXR multiplies row vectors from the left.
using Matrix4 = std::array<float, 16>;

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

}  // namespace

ExrDescription exr_description(std::uint32_t width, std::uint32_t height, ExrType type,
                               const PictureMetadata& metadata) {
  ExrDescription description;
  description.width = width;
  description.height = height;
  description.half = type == ExrType::half;
  description.numbers = metadata.numbers;
  description.texts = metadata.texts;
  if (metadata.camera) {
    description.matrices = {{"worldToCamera", world_to_camera(*metadata.camera)},
                            {"worldToNDC", world_to_ndc(*metadata.camera)}};
  }
  if (metadata.frames_per_second > 0)
    description.frames_per_second = rational_rate(metadata.frames_per_second);
  return description;
}

}  // namespace oct
