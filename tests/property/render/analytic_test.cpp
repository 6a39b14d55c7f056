// Scenes whose radiance is known in closed form.
#include <cmath>

#include "math/vec.hpp"
#include "support/catch.hpp"
#include "support/rendering.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

constexpr double kPiDouble = 3.14159265358979323846;

#define CHECK_AGREES(measured, truth, systematic)       \
  do {                                                  \
    const Measured oct_measured = (measured);           \
    CAPTURE(oct_measured.value, oct_measured.error);    \
    CHECK(agrees(oct_measured, (truth), (systematic))); \
  } while (false)

/// A ball in a uniformly bright world, filling the view.
Scene furnace(SceneMaterial material) {
  Scene scene;
  add_object(scene, make_sphere(1, 3), std::move(material));
  scene.environment = constant_environment(1);
  scene.cameras.push_back(look_at({0, 0, 4}, {0, 0, 0}, {0, 1, 0}, 24));
  return scene;
}

/// A matte plane seen through a narrow lens at its origin, to be lit from above.
Scene lit_plane(float albedo) {
  Scene scene;
  add_object(scene, make_quad({0, 0, 0}, {0, 0, 10}, {10, 0, 0}), matte(splat(albedo)));
  scene.cameras.push_back(look_at({3, 0.8f, 0}, {0, 0, 0}, {0, 1, 0}, 0.01f));
  return scene;
}

}  // namespace

TEST_CASE("a white matte ball vanishes in a white furnace", "[render]") {
  CHECK_AGREES(mean_radiance(furnace(matte({1, 1, 1})), picture(16, 16, 16, 32)), 1.0, 1e-4);
}

TEST_CASE("white metal and glass of any roughness vanish in a white furnace", "[render]") {
  const float roughness = GENERATE(0.0f, 0.2f, 0.5f, 1.0f);
  CAPTURE(roughness);
  CHECK_AGREES(mean_radiance(furnace(metal({1, 1, 1}, roughness)), picture(16, 16, 16, 64)), 1.0, 0.02);
  CHECK_AGREES(mean_radiance(furnace(glass(1.5f, roughness, false)), picture(16, 16, 16, 64)), 1.0, 0.03);
  CHECK_AGREES(mean_radiance(furnace(glass(1.5f, roughness, true)), picture(16, 16, 16, 64)), 1.0, 0.03);
}

TEST_CASE("a closed white room with a glowing surface everywhere sums the series of its bounces",
          "[render]") {
  // Inside a closed surface of albedo a and emission 1 radiance is 1 + a + a^2 + ...
  Scene scene;
  SceneMaterial wall = matte(splat(0.5f));
  wall.emission = splat(1);
  add_object(scene, make_sphere(1, 2), wall);
  scene.cameras.push_back(look_at({0.2f, 0.1f, 0}, {0, 0, -1}, {0, 1, 0}, 60));
  CHECK_AGREES(mean_radiance(scene, picture(16, 16, 16, 0)), 1.0, 1e-6);
  CHECK_AGREES(mean_radiance(scene, picture(16, 16, 16, 1)), 1.5, 1e-4);
  CHECK_AGREES(mean_radiance(scene, picture(16, 16, 16, 3)), 1.875, 1e-4);
  CHECK_AGREES(mean_radiance(scene, picture(16, 16, 16, 40)), 2.0, 1e-4);
}

TEST_CASE("a disk lights a matte plane as its view factor says", "[render]") {
  const float height = 0.8f, radius = 0.6f, radiance = 5.0f;
  Scene scene = lit_plane(0.7f);
  const unsigned segments = 512;
  add_object(scene, make_disk({0, height, 0}, radius, false, segments), emitter(splat(radiance), true));
  const double view_factor = square(radius) / double(square(radius) + square(height));
  // the polygon in the circle is smaller by 2e-5
  CHECK_AGREES(mean_radiance(scene, picture(4, 4, 64, 1)), 0.7 * radiance * view_factor, 3e-4);
}

TEST_CASE("a point light lights a matte plane by the inverse square", "[render]") {
  Scene scene = lit_plane(0.6f);
  SceneLight lamp;
  lamp.position = {1.0f, 2.0f, -0.5f};
  lamp.intensity = splat(30);
  scene.lights.push_back(lamp);
  const double squared = 1.0 + 4.0 + 0.25;
  const double irradiance = 30.0 * (2.0 / std::sqrt(squared)) / squared;
  CHECK_AGREES(mean_radiance(scene, picture(4, 4, 4, 1)), 0.6 / kPiDouble * irradiance, 1e-3);
}

TEST_CASE("a directional light lights a matte plane by its cosine", "[render]") {
  const float diameter = GENERATE(0.0f, 2.0f);
  Scene scene = lit_plane(0.6f);
  SceneLight sun;
  sun.kind = SceneLightKind::directional;
  sun.direction = normalize(Vec3{1, -1, 0});
  sun.intensity = splat(4);
  sun.angular_diameter_degrees = diameter;
  scene.lights.push_back(sun);
  CHECK_AGREES(mean_radiance(scene, picture(4, 4, 16, 1)), 0.6 / kPiDouble * 4.0 * std::sqrt(0.5), 1e-3);
}

TEST_CASE("a constant environment lights a matte plane with pi times its radiance", "[render]") {
  Scene scene = lit_plane(0.8f);
  scene.environment = constant_environment(3);
  CHECK_AGREES(mean_radiance(scene, picture(4, 4, 64, 1)), 0.8 * 3.0, 1e-3);
}

TEST_CASE("a veil lets through what its alpha leaves, for shadow rays and camera rays", "[render]") {
  const float alpha = GENERATE(0.25f, 0.6f);
  Scene scene = lit_plane(0.5f);
  SceneMaterial veil = matte({0, 0, 0});
  veil.alpha = alpha;
  veil.alpha_mode = AlphaMode::blend;
  SceneLight lamp;
  lamp.position = {0, 2, 0};
  lamp.intensity = splat(10);
  scene.lights.push_back(lamp);
  const double open = 0.5 / kPiDouble * 10.0 / 4.0;
  SECTION("in the way of the light") {
    add_object(scene, make_quad({0, 1, 0}, {0, 0, 0.2f}, {0.2f, 0, 0}), veil);
    CHECK_AGREES(mean_radiance(scene, picture(8, 8, 64, 1)), open * (1 - alpha), 1e-3);
  }
  SECTION("two of them") {
    add_object(scene, make_quad({0, 1, 0}, {0, 0, 0.2f}, {0.2f, 0, 0}), veil);
    add_object(scene, make_quad({0, 1.2f, 0}, {0, 0, 0.2f}, {0.2f, 0, 0}), veil);
    CHECK_AGREES(mean_radiance(scene, picture(8, 8, 64, 1)), open * (1 - alpha) * (1 - alpha), 1e-3);
  }
  SECTION("two that coincide") {
    for (int i = 0; i < 2; ++i) add_object(scene, make_quad({0, 1, 0}, {0, 0, 0.2f}, {0.2f, 0, 0}), veil);
    CHECK_AGREES(mean_radiance(scene, picture(8, 8, 64, 1)), open * (1 - alpha) * (1 - alpha), 1e-3);
  }
  SECTION("in front of the camera") {
    add_object(scene, make_quad({2, 0.53f, 0}, {0, 0.2f, 0}, {0, 0, 0.2f}), veil);
    CHECK_AGREES(mean_radiance(scene, picture(8, 8, 64, 1)), open * (1 - alpha), 1e-3);
  }
}

TEST_CASE("a cut-out hides where its mask says and nothing elsewhere", "[render]") {
  const float alpha = GENERATE(0.4f, 0.6f);
  Scene scene = lit_plane(0.5f);
  SceneMaterial mask = matte({0, 0, 0});
  mask.alpha = alpha;
  mask.alpha_mode = AlphaMode::mask;
  add_object(scene, make_quad({0, 1, 0}, {0, 0, 0.2f}, {0.2f, 0, 0}), mask);
  SceneLight lamp;
  lamp.position = {0, 2, 0};
  lamp.intensity = splat(10);
  scene.lights.push_back(lamp);
  const Measured measured = mean_radiance(scene, picture(8, 8, 4, 1));
  CHECK(measured.value == Approx(alpha < 0.5f ? 0.5 / kPiDouble * 10.0 / 4.0 : 0.0).epsilon(1e-3));
}

TEST_CASE("a pane of glass lets through what Fresnel leaves after all its reflections", "[render]") {
  const bool thin = GENERATE(false, true);
  CAPTURE(thin);
  Scene scene;
  if (thin) {
    add_object(scene, make_quad({0, 0, 0}, {4, 0, 0}, {0, 4, 0}), glass(1.5f, 0, true));
  } else {
    add_object(scene, make_box({-4, -4, -0.1f}, {4, 4, 0.1f}), glass(1.5f, 0, false));
  }
  add_object(scene, make_quad({0, 0, -2}, {4, 0, 0}, {0, 4, 0}), emitter(splat(2)));
  scene.cameras.push_back(look_at({0, 0, 3}, {0, 0, 0}, {0, 1, 0}, 0.1f));
  const double f = 0.04;
  // What is thrown back onto the black emitter is lost. Inside a slab the reflections sum to (1 - f) / (1 +
  // f); a thin wall stands for one surface.
  CHECK_AGREES(mean_radiance(scene, picture(8, 8, 256, 32)), 2.0 * (1 - f) / (thin ? 1 : 1 + f), 2e-3);
}

TEST_CASE("light sampling changes the noise of a picture, not its mean", "[render]") {
  // Lights that scattering alone finds: area lights and the environment, on rough and matte things
  Scene scene;
  add_object(scene, make_quad({0, 0, 0}, {0, 0, 2}, {2, 0, 0}), matte(splat(0.6f)));
  add_object(scene, make_sphere(0.5f, 2), metal(splat(0.8f), 0.4f));
  scene.instances[1].world_from_object = {{1, 0, 0, 0, 0, 1, 0, 0.5f, 0, 0, 1, 0}};
  add_object(scene, make_quad({0.5f, 2, 0.3f}, {0.5f, 0, 0}, {0, 0, 0.5f}), emitter({4, 4, 4}));
  scene.environment = constant_environment(0.3f);
  scene.cameras.push_back(look_at({0, 1.5f, 4}, {0, 0.5f, 0}, {0, 1, 0}, 30));
  const auto without_light_sampling = [](RenderData& data) {
    data.lights.edit().clear();
    data.light_alias.edit().clear();
    data.environments.edit()[0].light = kNone;
    for (Instance& instance : data.instances.edit()) instance.first_light = kNone;
  };
  const Measured with = mean_radiance(scene, picture(16, 16, 64, 4));
  const Measured without = mean_radiance(scene, picture(16, 16, 256, 4), 16, without_light_sampling);
  CAPTURE(with.value, with.error, without.value, without.error);
  CHECK(std::abs(with.value - without.value) < 5 * std::hypot(with.error, without.error));
  CHECK(with.error < 0.01 * with.value);
  CHECK(without.error < 0.01 * without.value);
}

TEST_CASE("a scene looks the same at any scale from a millimetre to ten kilometres", "[render]") {
  const Scene scene = small_room();
  const CompileOptions options = picture(24, 16, 16, 8);
  const Measured metres = mean_radiance(scene, options, 8);
  for (const float factor : {2.5e-4f, 2.5e3f}) {  // the room is four metres wide
    CAPTURE(factor);
    CHECK_AGREES(mean_radiance(scaled(scene, factor), options, 8), metres.value, 2e-3 + 5 * metres.error);
  }
}
