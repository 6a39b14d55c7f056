// Layered materials and media in scenes whose radiance is known in closed form.
#include <cmath>
#include <string>

#include "math/vec.hpp"
#include "support/catch.hpp"
#include "support/rendering.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

constexpr double kPiExact = 3.14159265358979323846;

#define CHECK_RADIANCE(measured, truth, systematic)     \
  do {                                                  \
    const Measured oct_measured = (measured);           \
    CAPTURE(oct_measured.value, oct_measured.error);    \
    CHECK(agrees(oct_measured, (truth), (systematic))); \
  } while (false)

/// A body that leaves `left` of green light after a metre.
SceneMaterial absorbing(float ior, float left) {
  SceneMaterial material = glass(ior, 0, false);
  material.volume.attenuation_color = {0.9f, left, 0.1f};
  material.volume.attenuation_distance_m = 1;
  return material;
}

/// Parallel rays along the z axis, from z = `from` to the other side.
SceneCamera along_z(float from) {
  SceneCamera camera = look_at({0, 0, from}, {0, 0, 0}, {0, 1, 0}, 10);
  camera.orthographic_height_m = 0.5f;
  return camera;
}

/// A slab around the z axis, wide enough for all rays.
SceneMesh slab(float z0, float z1) {
  return make_box({-50, -50, z0}, {50, 50, z1});
}

double face_reflectance(double from, double to) {
  return std::pow((to - from) / (to + from), 2);
}

/// Reflectance of two lossless things one behind the other, all bounces between them included.
double both_reflect(double first, double second) {
  const double passed = (1 - first) * (1 - second) / (1 - first * second);
  return 1 - passed;
}

Measured measure(const Scene& scene, std::uint32_t depth = 64) {
  return mean_radiance(scene, picture(4, 4, 64, depth));
}

}  // namespace

TEST_CASE("a body absorbs over the way inside", "[render]") {
  Scene scene;
  scene.environment = constant_environment(1);
  scene.cameras.push_back(along_z(9));
  SECTION("matched to its surroundings, as Beer and Lambert say") {
    add_object(scene, slab(0, 2.5f), absorbing(1, 0.6f));
    CHECK_RADIANCE(measure(scene), std::pow(0.6, 2.5), 1e-4);
  }
  SECTION("with faces that reflect, over all ways between them") {
    add_object(scene, slab(0, 2.5f), absorbing(1.5f, 0.6f));
    const double a = std::pow(0.6, 2.5), f = face_reflectance(1, 1.5);
    const double series = (1 - f) * (1 - f) / (1 - f * f * a * a);
    CHECK_RADIANCE(measure(scene), f + series * f * a * a + series * a, 1e-3);
  }
  SECTION("also where the camera is inside") {
    scene.cameras[0] = along_z(1.5f);
    add_object(scene, slab(0, 2.5f), absorbing(1, 0.6f));
    CHECK_RADIANCE(measure(scene), std::pow(0.6, 1.5), 1e-4);
  }
  SECTION("one inside of the other, the inner one alone where it is") {
    add_object(scene, slab(-3, 3), absorbing(1, 0.9f));
    add_object(scene, slab(-1, 1), absorbing(1, 0.5f));
    CHECK_RADIANCE(measure(scene), std::pow(0.9, 4) * std::pow(0.5, 2), 1e-4);
  }
  SECTION("more levels deep than a path remembers") {
    double truth = 1;
    for (int i = 6; i >= 1; --i) {
      const float left = 0.9f - 0.1f * static_cast<float>(i);
      add_object(scene, slab(-static_cast<float>(i), static_cast<float>(i)), absorbing(1, left));
      truth *= std::pow(static_cast<double>(left), 2);
    }
    CHECK_RADIANCE(measure(scene), truth, 1e-3);
  }
  SECTION("and behind a hole in its surface") {
    SceneMaterial holey = absorbing(1, 0.6f);
    holey.alpha_mode = AlphaMode::mask;
    holey.alpha = 0;
    add_object(scene, slab(0, 2.5f), holey);
    CHECK_RADIANCE(measure(scene), std::pow(0.6, 2.5), 1e-4);
  }
}

TEST_CASE("light that never leaves an absorbing medium is lost", "[render]") {
  Scene scene;
  scene.environment = constant_environment(1);
  scene.cameras.push_back(along_z(9));
  SceneMesh box = make_box({-50, -50, -98}, {50, 50, 2});
  box.triangles.resize(10);  // without the face that make_box adds last, its back
  add_object(scene, box, absorbing(1, 0.6f));
  CHECK(mean_radiance(scene, picture(4, 4, 16, 8)).value == 0);
}

TEST_CASE("a medium absorbs what a lamp in it sends, and what comes back", "[render]") {
  Scene scene;
  add_object(scene, slab(-1, 3), absorbing(1, 0.7f));
  SceneMaterial floor = matte(splat(0.8f));
  add_object(scene, make_quad({0, 0, 0}, {20, 0, 0}, {0, 20, 0}), floor);
  SceneLight lamp;
  lamp.position = {0, 0, 2};
  lamp.intensity = splat(30);
  scene.lights.push_back(lamp);
  scene.cameras.push_back(along_z(9));
  scene.cameras[0].orthographic_height_m = 1e-3f;
  const double truth = 0.8 / kPiExact * 30 / 4 * std::pow(0.7, 2) * std::pow(0.7, 3);
  CHECK_RADIANCE(measure(scene, 2), truth, 1e-3);
}

TEST_CASE("overlapping bodies meet in one face, from either side", "[render]") {
  const double air_water = face_reflectance(1, 1.33), water_glass = face_reflectance(1.33, 1.5),
               glass_air = face_reflectance(1.5, 1);
  const double truth = both_reflect(both_reflect(air_water, water_glass), glass_air);
  for (const float side : {1.0f, -1.0f}) {
    CAPTURE(side);
    Scene scene;
    scene.environment = constant_environment(1);
    add_object(scene, slab(0, 1), glass(1.5f, 0, false));
    add_object(scene, slab(0.9f, 2), glass(1.33f, 0, false));
    add_object(scene, make_quad({0, 0, -5 * side}, {90, 0, 0}, {0, 90, 0}), matte({0, 0, 0}));
    scene.cameras.push_back(along_z(9 * side));
    CHECK_RADIANCE(mean_radiance(scene, picture(8, 8, 256, 64)), truth, 2e-3);
  }
}

TEST_CASE("glass inside of glass of the same index does not show", "[render]") {
  Scene scene;
  scene.environment = constant_environment(1);
  add_object(scene, slab(-2, 2), glass(1.5f, 0, false));
  add_object(scene, make_sphere(1, 3), absorbing(1.5f, 0.5f));
  add_object(scene, make_quad({0, 0, -5}, {90, 0, 0}, {0, 90, 0}), emitter(splat(1)));
  scene.environment.reset();
  scene.cameras.push_back(along_z(9));
  scene.cameras[0].orthographic_height_m = 1e-3f;
  const double f = face_reflectance(1, 1.5), a = 0.25;
  CHECK_RADIANCE(mean_radiance(scene, picture(8, 8, 256, 64)), (1 - f) * (1 - f) * a / (1 - f * f * a * a),
                 2e-3);
}

TEST_CASE("glass that disperses passes all light all the same", "[render]") {
  SceneMaterial prism = glass(1.5f, 0, false);
  prism.volume.dispersion = 2;
  Scene scene;
  add_object(scene, make_sphere(1, 3), prism);
  scene.environment = constant_environment(1);
  scene.cameras.push_back(look_at({0, 0, 4}, {0, 0, 0}, {0, 1, 0}, 24));
  CHECK_RADIANCE(mean_radiance(scene, picture(16, 16, 64, 64)), 1.0, 2e-3);
}

TEST_CASE("a clearcoat dims the emission below it, however the light is found", "[render]") {
  SceneMaterial lamp = emitter(splat(4));
  lamp.clearcoat.factor = 1;
  Scene scene;
  add_object(scene, make_quad({0, 0, 0}, {50, 0, 0}, {0, 50, 0}), lamp);
  scene.cameras.push_back(along_z(9));
  CHECK_RADIANCE(measure(scene, 0), 4 * (1 - 0.04), 1e-4);

  Scene floor;
  add_object(floor, make_quad({0, 0, 0}, {0, 0, 10}, {10, 0, 0}), matte(splat(0.7f)));
  floor.cameras.push_back(look_at({3, 0.8f, 0}, {0, 0, 0}, {0, 1, 0}, 0.01f));
  add_object(floor, make_disk({0, 0.5f, 0}, 2, false, 64), lamp);
  const Measured both = mean_radiance(floor, picture(8, 8, 256, 1));
  const Measured scattered = mean_radiance(floor, picture(8, 8, 256, 1), 16, [](RenderData& data) {
    for (Instance& instance : data.instances.edit()) instance.first_light = kNone;
    data.lights.edit().clear();
    data.light_alias.edit().clear();
  });
  CHECK_RADIANCE(both, scattered.value, 5 * scattered.error / scattered.value + 1e-4);
}

TEST_CASE("a leaf shows the light behind it", "[render]") {
  SceneMaterial leaf = matte(splat(0.2f));
  leaf.diffuse_transmission.factor = 0.75f;
  leaf.diffuse_transmission.color = {0.1f, 0.6f, 0.1f};
  Scene scene;
  add_object(scene, make_quad({0, 0, 0}, {20, 0, 0}, {0, 20, 0}), leaf);
  SceneLight lamp;
  lamp.position = {0, 3, -4};
  lamp.intensity = splat(30);
  scene.lights.push_back(lamp);
  scene.cameras.push_back(along_z(9));
  scene.cameras[0].orthographic_height_m = 1e-3f;
  CHECK_RADIANCE(measure(scene, 1), 0.75 * 0.6 / kPiExact * 30 / 25 * 0.8, 1e-3);
  scene.lights[0].position.z = 4;  // in front the rest is reflected
  CHECK_RADIANCE(measure(scene, 1), 0.25 * 0.2 / kPiExact * 30 / 25 * 0.8, 1e-3);
}

TEST_CASE("light sampling and scattering agree on every layer", "[render]") {
  SceneMaterial base;
  base.base_color = {0.7f, 0.7f, 0.7f};
  base.metallic = 0.3f;
  base.roughness = 0.4f;
  const auto layer = GENERATE(0, 1, 2, 3, 4);
  CAPTURE(layer);
  if (layer == 0) base.clearcoat.factor = 1, base.clearcoat.roughness = 0.3f;
  if (layer == 1) base.sheen.color = splat(1), base.sheen.roughness = 0.4f;
  if (layer == 2) base.anisotropy.strength = 0.7f;
  if (layer == 3) base.iridescence.factor = 1;
  if (layer == 4) base.diffuse_transmission.factor = 0.5f;
  Scene scene;
  add_object(scene, make_quad({0, 0, 0}, {0, 0, 10}, {10, 0, 0}), base);
  scene.cameras.push_back(look_at({3, 2, 0}, {0, 0, 0}, {0, 1, 0}, 0.01f));
  add_object(scene, make_disk({-1, 1.5f, 0}, 1.2f, false, 64), emitter(splat(5)));
  add_object(scene, make_disk({0, -1.5f, 0}, 1.2f, true, 64), emitter(splat(5)));
  const Measured both = mean_radiance(scene, picture(8, 8, 256, 1));
  const Measured scattered = mean_radiance(scene, picture(8, 8, 256, 1), 16, [](RenderData& data) {
    for (Instance& instance : data.instances.edit()) instance.first_light = kNone;
    data.lights.edit().clear();
    data.light_alias.edit().clear();
  });
  CHECK_RADIANCE(both, scattered.value, 5 * scattered.error / scattered.value + 1e-4);
}
