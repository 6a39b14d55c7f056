#include "scene/daylight.hpp"

#include <algorithm>
#include <cmath>

#include "base/hash.hpp"
#include "math/vec.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

constexpr float kLuxPerUnit = 120e3f / 3.14159265f;

Vec3 sun_at(float degrees_above_horizon) {
  const float angle = degrees_above_horizon * 3.14159265f / 180;
  return {std::cos(angle), std::sin(angle), 0};
}

Vec3 pixel(const SceneImage& image, float longitude_turns, float latitude_degrees) {
  const auto x = static_cast<std::size_t>((longitude_turns + 0.5f) * static_cast<float>(image.width));
  const auto y = static_cast<std::size_t>((0.5f - latitude_degrees / 180) * static_cast<float>(image.height));
  const float* rgb = &image.rgb_float[(y * image.width + std::min<std::size_t>(x, image.width - 1)) * 3];
  return {rgb[0], rgb[1], rgb[2]};
}

}  // namespace

TEST_CASE("the sun's light is that of tables, and reddens towards the horizon", "[scene]") {
  const auto lux = [](float degrees, float turbidity) {
    return luminance(sun({sun_at(degrees), turbidity}).intensity) * kLuxPerUnit;
  };
  // Direct normal illuminance of a clear sky: some 90 klx with the sun high, 65 klx at 30 degrees, 5 klx at 5.
  CHECK(lux(90, 3) == Approx(91'000).epsilon(0.03));
  CHECK(lux(30, 3) == Approx(66'000).epsilon(0.03));
  CHECK(lux(5, 3) == Approx(4'800).epsilon(0.1));
  CHECK(lux(45, 6) < lux(45, 3));
  float last = 0;
  for (const float degrees : {90.0f, 45.0f, 20.0f, 10.0f, 4.0f}) {
    const Vec3 light = sun({sun_at(degrees), 3}).intensity;
    CHECK(light.x / light.z > last);
    last = light.x / light.z;
  }
  const SceneLight noon = sun({{0, 5, 0}, 3});
  CHECK(noon.direction.y == Approx(-1));
  CHECK(noon.angular_diameter_degrees == Approx(0.53));
}

TEST_CASE("the sky is blue away from the sun, bright around it, and whiter in haze", "[scene]") {
  const SceneImage clear = sky({sun_at(40), 2.5f});  // towards +X
  const Vec3 opposite = pixel(clear, 0.5f, 50);
  CHECK(opposite.z > 1.5f * opposite.x);
  CHECK(luminance(pixel(clear, 0, 42)) > 4 * luminance(opposite));
  const Vec3 hazy = pixel(sky({sun_at(40), 8}), 0.5f, 50);
  CHECK(hazy.z / hazy.x < opposite.z / opposite.x);
  // the ground, lit by all of it
  const Vec3 ground = pixel(clear, 0, -30);
  CHECK(ground.x > 0.02f);
  CHECK(ground.x == pixel(clear, 0.3f, -80).x);
}

TEST_CASE("a white surface under the zenith's sun reflects about 1", "[scene]") {
  const SceneImage image = sky({{0, 1, 0}, 3});
  Vec3 irradiance = sun({{0, 1, 0}, 3}).intensity;
  const float step = 3.14159265f / static_cast<float>(image.height);
  for (std::uint32_t y = 0; y < image.height / 2; ++y) {
    const float latitude = 3.14159265f / 2 - (static_cast<float>(y) + 0.5f) * step;
    for (std::uint32_t x = 0; x < image.width; ++x) {
      const float* rgb = &image.rgb_float[(std::size_t{y} * image.width + x) * 3];
      irradiance += Vec3{rgb[0], rgb[1], rgb[2]} * (std::sin(latitude) * std::cos(latitude) * step * step);
    }
  }
  CHECK(luminance(irradiance) / 3.14159265f == Approx(1).epsilon(0.15));
}

TEST_CASE("no sun and no haze gives what is no number, or less than nothing", "[scene]") {
  for (const float degrees : {0.01f, 1.0f, 10.0f, 89.9f}) {
    for (const float turbidity : {kLeastTurbidity, 5.0f, kMostTurbidity}) {
      CAPTURE(degrees, turbidity);
      const SceneImage image = sky({sun_at(degrees), turbidity});
      CHECK(std::all_of(image.rgb_float.begin(), image.rgb_float.end(),
                        [](float value) { return value >= 0 && value < 1000; }));
      const Vec3 light = sun({sun_at(degrees), turbidity}).intensity;
      CHECK((light.x >= 0 && light.y >= 0 && light.z >= 0 && std::isfinite(light.x)));
    }
  }
}

TEST_CASE("a scene in daylight has its sky and a sun, and nothing of its former environment", "[scene]") {
  Scene scene;
  scene.environment.emplace();
  scene.environment->rotation_degrees = 30;
  set_daylight({{0, 1, 0}, 3}, 0.5f, scene);
  REQUIRE(scene.environment->image);
  CHECK(scene.environment->rotation_degrees == 0);
  REQUIRE(scene.lights.size() == 1);
  CHECK(scene.lights[0].intensity.y == Approx(sun({{0, 1, 0}, 3}).intensity.y / 2));
}
