// Single-sided surfaces: what the camera, scattered rays and shadow rays meet of them.
#include <cmath>

#include "device/cpu_info.hpp"
#include "math/vec.hpp"
#include "support/catch.hpp"
#include "support/rendering.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

SceneMaterial single_sided(SceneMaterial material) {
  material.double_sided = false;
  return material;
}

/// A box around the origin, 2 m wide, of six planes of their own that face inward or outward.
Scene a_room(bool inward, const SceneMaterial& wall) {
  Scene scene;
  const Vec3 x{1, 0, 0}, y{0, 1, 0}, z{0, 0, 1};
  const auto add = [&](Vec3 normal, Vec3 u, Vec3 v) {  // u x v = normal
    add_object(scene, inward ? make_quad(normal, v, u) : make_quad(normal, u, v), wall);
  };
  add(x, y, z);
  add(-x, z, y);
  add(y, z, x);
  add(-y, x, z);
  add(z, x, y);
  add(-z, y, x);
  scene.cameras.push_back(look_at({0.2f, 0.1f, 0.3f}, {0.9f, -0.4f, -1}, {0, 1, 0}, 70));
  return scene;
}

SceneLight a_sun() {
  SceneLight sun;
  sun.kind = SceneLightKind::directional;
  sun.direction = normalize(Vec3{1, -2, 0.5f});
  sun.intensity = splat(4);
  return sun;
}

/// A lamp over a floor, which the camera sees.
Scene lamp_over_floor(const SceneMaterial& lamp, bool faces_floor) {
  Scene scene;
  add_object(scene, make_quad({0, 0, 0}, {0, 0, 10}, {10, 0, 0}), single_sided(matte(splat(0.7f))));
  add_object(scene, make_disk({0, 0.8f, 0}, 0.6f, !faces_floor, 64), lamp);
  scene.cameras.push_back(look_at({3, 0.4f, 0}, {0, 0, 0}, {0, 1, 0}, 0.01f));
  return scene;
}

void without_light_sampling(RenderData& data) {
  data.lights.edit().clear();
  data.light_alias.edit().clear();
  data.environments.edit()[0].light = kNone;
  for (Instance& instance : data.instances.edit()) instance.first_light = kNone;
}

/// A bit of everything that has sides.
Scene a_yard() {
  Scene scene;
  add_object(scene, make_quad({0, 0, 0}, {0, 0, 2}, {2, 0, 0}), single_sided(matte(splat(0.6f))));
  add_object(scene, make_box({-0.4f, 0.01f, -0.4f}, {0.4f, 0.7f, 0.4f}),
             single_sided(metal(splat(0.8f), 0.4f)));
  // a wall that stands with its back to the lamp, and its mirror image, which does not
  add_object(scene, make_quad({0.6f, 0.6f, 0.2f}, {0, 0, 0.5f}, {0, 0.5f, 0}),
             single_sided(matte(splat(0.5f))));
  scene.instances.push_back(scene.instances.back());
  scene.instances.back().world_from_object.m[0] = -1;
  SceneMaterial lamp = single_sided(matte(splat(0)));
  lamp.emission = splat(4);
  add_object(scene, make_quad({1.2f, 1.5f, 0.3f}, {0.5f, 0, 0}, {0, 0, 0.5f}), lamp);
  scene.environment = constant_environment(0.3f);
  scene.cameras.push_back(look_at({0, 1.5f, 4}, {0, 0.5f, 0}, {0, 1, 0}, 30));
  return scene;
}

}  // namespace

TEST_CASE("the camera sees the front of a single-sided surface and looks through its back", "[render]") {
  SceneMaterial paint = single_sided(matte(splat(0)));
  SECTION("opaque") {}
  SECTION("blended") {
    paint.alpha_mode = AlphaMode::blend;
  }
  SECTION("unlit") {
    paint.unlit = true;
    paint.base_color = splat(0);
  }
  Scene scene;
  add_object(scene, make_quad({0, 0, 0}, {1, 0, 0}, {0, 1, 0}), paint);
  scene.environment = constant_environment(1);
  for (const float side : {1.0f, -1.0f}) {
    scene.cameras = {look_at({0, 0, 3 * side}, {0, 0, 0}, {0, 1, 0}, 10)};
    CHECK(mean_radiance(scene, picture(8, 8, 4, 4)).value == (side > 0 ? 0 : 1));
  }
  scene.materials[0].double_sided = true;
  CHECK(mean_radiance(scene, picture(8, 8, 4, 4)).value == 0);
}

TEST_CASE("a closed room of planes that face inward lets no light in", "[render]") {
  Scene scene = a_room(true, single_sided(matte(splat(0.8f))));
  scene.lights = {a_sun()};
  scene.environment = constant_environment(1);
  CHECK(mean_radiance(scene, picture(16, 16, 64, 8)).value == 0);

  // from outside its near walls are not there, and its far ones are as dark
  scene.environment.reset();
  scene.cameras = {look_at({3, 2, 4}, {0, 0, 0}, {0, 1, 0}, 10)};
  CHECK(mean_radiance(scene, picture(16, 16, 64, 8)).value == 0);
}

TEST_CASE("a room of planes that face outward is not there from within", "[render]") {
  Scene scene = a_room(false, single_sided(matte(splat(0.8f))));
  scene.environment = constant_environment(1);
  CHECK(mean_radiance(scene, picture(8, 8, 4, 8)).value == 1);
  for (SceneMaterial& wall : scene.materials) wall.double_sided = true;
  CHECK(mean_radiance(scene, picture(8, 8, 4, 8)).value == 0);
}

TEST_CASE("a single-sided lamp shines from its front alone", "[render]") {
  SceneMaterial lamp = single_sided(matte(splat(0)));
  lamp.emission = splat(5);
  const double view_factor = 0.36 / (0.36 + 0.64);
  const Measured lit = mean_radiance(lamp_over_floor(lamp, true), picture(4, 4, 64, 1));
  CAPTURE(lit.value, lit.error);
  CHECK(agrees(lit, 0.7 * 5 * view_factor, 3e-3));  // the disk has 64 corners
  CHECK(mean_radiance(lamp_over_floor(lamp, false), picture(4, 4, 64, 1)).value == 0);
  lamp.double_sided = true;
  CHECK(
      agrees(mean_radiance(lamp_over_floor(lamp, false), picture(4, 4, 64, 1)), 0.7 * 5 * view_factor, 3e-3));
}

TEST_CASE("a surface with its back to the lamp casts no shadow", "[render]") {
  SceneMaterial lamp = single_sided(matte(splat(0)));
  lamp.emission = splat(5);
  Scene scene = lamp_over_floor(lamp, true);
  const double open = 0.7 * 5 * 0.36;
  // a lid that faces down is met from its front by what looks up to the lamp
  const bool faces_down = GENERATE(false, true);
  add_object(scene, make_disk({0, 0.3f, 0}, 1, !faces_down, 64), single_sided(matte(splat(0))));
  const Measured lit = mean_radiance(scene, picture(4, 4, 64, 1));
  CAPTURE(faces_down, lit.value, lit.error);
  if (faces_down) {
    CHECK(lit.value == 0);
  } else {
    CHECK(agrees(lit, open, 3e-3));
  }
}

TEST_CASE("light sampling and scattering agree on sides", "[render]") {
  const Scene scene = a_yard();
  const Measured with = mean_radiance(scene, picture(16, 16, 64, 4));
  const Measured without = mean_radiance(scene, picture(16, 16, 256, 4), 16, without_light_sampling);
  CAPTURE(with.value, with.error, without.value, without.error);
  CHECK(std::abs(with.value - without.value) < 5 * std::hypot(with.error, without.error));
  CHECK(with.error < 0.01 * with.value);
  CHECK(without.error < 0.01 * without.value);
}

TEST_CASE("the film of single-sided surfaces has the same bits with every instruction set, baked or not",
          "[render]") {
  RenderData data = *compile_for_test(a_yard(), picture(40, 20, 20, 8));
  const auto film = [&](CpuIsa isa) {
    const auto copy = std::make_shared<const RenderData>(data);
    return render_picture(*cpu_device(2, isa), copy).hash().hex();
  };
  const std::string plain = film(CpuIsa::x64);
  if (cpu_runs_v3()) CHECK(film(CpuIsa::v3) == plain);
  for (Instance& instance : data.instances.edit()) instance.flags ^= kInstanceBaked;
  const std::string other = film(CpuIsa::x64);
  if (cpu_runs_v3()) CHECK(film(CpuIsa::v3) == other);
}

TEST_CASE("glass has two sides whatever its material says", "[render]") {
  const bool thin = GENERATE(false, true);
  const auto film = [&](bool has_two) {
    SceneMaterial pane = glass(1.5f, 0.1f, thin);
    pane.double_sided = has_two;
    Scene scene = a_yard();
    add_object(scene, make_box({-1, 0.1f, 0.8f}, {0.5f, 0.9f, 1}), pane);
    return render_picture(*cpu_device(2), compile_for_test(scene, picture(24, 16, 16, 8))).hash().hex();
  };
  CHECK(film(true) == film(false));
}
