#include "scene/studio_light.hpp"

#include "math/transcendental.hpp"
#include "math/vec.hpp"

namespace oct {
namespace {

constexpr std::uint32_t kWidth = 128;
constexpr std::uint32_t kHeight = 64;

float square(float x) {
  return x * x;
}

float radiance_from(Vec3 direction) {
  const Vec3 key = normalize({-0.5f, 0.7f, 0.7f});
  const Vec3 fill = normalize({1.0f, 0.35f, 0.3f});
  const float height = direction.y;
  const float room = 0.24f + (height < 0.0f ? 0.12f : 0.5f) * height;
  const float towards_key = max(dot(direction, key), 0.0f);
  const float towards_fill = max(dot(direction, fill), 0.0f);
  return room + 1.35f * square(square(towards_key)) + 0.45f * square(towards_fill);
}

}  // namespace

SceneImage studio_light() {
  SceneImage image;
  image.name = "neutral light";
  image.width = kWidth;
  image.height = kHeight;
  image.rgb_float.reserve(std::size_t{kWidth} * kHeight * 3);
  for (std::uint32_t y = 0; y < kHeight; ++y) {
    const SinCos latitude = sincos(kPi * (0.5f - (static_cast<float>(y) + 0.5f) / kHeight));
    for (std::uint32_t x = 0; x < kWidth; ++x) {
      const SinCos longitude = sincos(2 * kPi * ((static_cast<float>(x) + 0.5f) / kWidth - 0.5f));
      const float radiance =
          radiance_from({latitude.cos * longitude.cos, latitude.sin, latitude.cos * longitude.sin});
      image.rgb_float.insert(image.rgb_float.end(), 3, radiance);
    }
  }
  return image;
}

}  // namespace oct
