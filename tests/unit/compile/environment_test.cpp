#include "compile/environment.hpp"

#include <cmath>

#include "support/a_scene.hpp"
#include "support/compiled.hpp"

using namespace oct;
using namespace oct::test;

namespace {

RenderData sky_of(SceneImage image) {
  Scene scene;
  scene.cameras.resize(1);
  scene.images = {std::move(image)};
  scene.environment = SceneEnvironment{.image = 0};
  return compiled(scene, small_film());
}

SceneImage black_but(std::uint32_t width, std::uint32_t height, std::uint32_t x, std::uint32_t y) {
  SceneImage image;
  image.width = width;
  image.height = height;
  image.rgb_float.assign(std::size_t{3} * width * height, 0.0f);
  image.rgb_float[3 * (y * width + x) + 1] = 4;
  return image;
}

}  // namespace

TEST_CASE("a uniform sky is drawn by solid angle", "[compile]") {
  SceneImage image;
  image.width = 32;
  image.height = 16;
  image.rgb_float.assign(3 * 32 * 16, 2.0f);
  const RenderData data = sky_of(image);
  const double pi = 3.14159265358979;
  double mean = 0;
  for (u32 y = 0; y < 16; ++y) {
    const double expected = std::sin(pi * (y + 0.5) / 16) * pi / 2;  // density over the unit square, about
    for (u32 x = 0; x < 32; ++x) {
      const double density = static_cast<double>(data.environment_density[y * 32 + x]);
      CHECK(density == Approx(expected).epsilon(0.005));
      mean += density / (32 * 16);
    }
  }
  CHECK(mean == Approx(1).epsilon(1e-6));
}

TEST_CASE("the density is positive wherever a bilinear lookup is not black, and only there", "[compile]") {
  for (const auto& [x, y] : {std::pair{5u, 3u}, {0u, 0u}, {15u, 7u}, {0u, 7u}}) {
    const RenderData data = sky_of(black_but(16, 8, x, y));
    for (u32 row = 0; row < 8; ++row) {
      for (u32 column = 0; column < 16; ++column) {
        const u32 across = std::min((column + 16 - x) % 16, (x + 16 - column) % 16);  // columns wrap
        const u32 down = row > y ? row - y : y - row;
        const bool near = across <= 1 && down <= 1;
        CHECK((data.environment_density[row * 16 + column] > 0) == near);
      }
    }
  }
}

TEST_CASE("a bright texel takes its share of the draws", "[compile]") {
  const RenderData data = sky_of(a_sky(16, 8));
  const std::size_t sun = 2 * 16 + 5;
  double around = 0;
  double all = 0;
  for (std::size_t i = 0; i < data.environment_density.size(); ++i) {
    const double density = static_cast<double>(data.environment_density[i]);
    all += density;
    if (std::abs(static_cast<int>(i / 16) - 2) <= 1 && std::abs(static_cast<int>(i % 16) - 5) <= 1)
      around += density;
  }
  CHECK(around / all > 0.9);
  CHECK(static_cast<double>(data.environment_density[sun]) / all > 0.5);
}

TEST_CASE("a large image shares cells, and their densities still average one", "[compile]") {
  const RenderData data = sky_of(a_sky(3001, 1501));
  const Environment& environment = data.environments[0];
  CHECK(environment.alias_width == 1501);
  CHECK(environment.alias_height == 751);
  CHECK(data.environment_density.size() == std::size_t{1501} * 751);
  double mean = 0;
  for (const float density : data.environment_density) {
    REQUIRE(density > 0);
    mean += static_cast<double>(density);
  }
  CHECK(mean / static_cast<double>(data.environment_density.size()) == Approx(1).epsilon(1e-5));
}

TEST_CASE("a constant sky has no table, a black image no light", "[compile]") {
  Scene scene;
  scene.cameras.resize(1);
  scene.environment =
      SceneEnvironment{.image = {}, .radiance = {1, 2, 3}, .rotation_degrees = 90, .visible = false};
  RenderData data = compiled(scene, small_film());
  CHECK(data.environment_alias.empty());
  CHECK(data.environments[0].image == kNone);
  CHECK(data.environments[0].light == 0);
  CHECK(data.environments[0].visible == 0);
  CHECK(data.environments[0].sin_rotation == Approx(1));
  CHECK(data.lights[0].select_probability == 1);

  SceneImage black = black_but(4, 4, 0, 0);
  black.rgb_float.assign(48, 0.0f);
  data = sky_of(black);
  CHECK(data.environment_alias.empty());
  CHECK(data.lights.empty());
  CHECK(data.environments[0].light == kNone);
}
