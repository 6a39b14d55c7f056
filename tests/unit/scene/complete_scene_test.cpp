#include <cmath>

#include "math/transform.hpp"
#include "scene/scene.hpp"
#include "support/a_scene.hpp"
#include "support/catch.hpp"

using namespace oct;
using namespace oct::test;

namespace {

Scene a_dark_scene(float scale, Vec3 shift) {
  Scene scene;
  scene.meshes.push_back(a_quad());
  scene.materials.emplace_back();
  scene.instances.push_back(
      {"quad", 0, 0, {{scale, 0, 0, shift.x, 0, scale, 0, shift.y, 0, 0, scale, shift.z}}});
  return scene;
}

/// In units of the half picture height: [-1, 1] is visible.
Vec3 seen(const SceneCamera& camera, Vec3 world) {
  const float* m = camera.world_from_camera.m;
  const Vec3 d{world.x - m[3], world.y - m[7], world.z - m[11]};
  const auto along = [&](int axis) { return m[axis] * d.x + m[4 + axis] * d.y + m[8 + axis] * d.z; };
  const double half = std::tan(camera.vertical_fov_degrees * 3.14159265358979 / 360);
  const float depth = -along(2);
  return {static_cast<float>(along(0) / depth / half), static_cast<float>(along(1) / depth / half), depth};
}

}  // namespace

TEST_CASE("a scene without camera and light gets both, and says so", "[scene]") {
  Scene scene = a_dark_scene(1, {0, 0, 0});
  CHECK(complete_scene(scene) ==
        std::vector<std::string>{"the scene has no camera: one that frames it was added",
                                 "the scene has no light: a neutral environment was added"});
  REQUIRE(scene.cameras.size() == 1);
  REQUIRE(scene.environment.has_value());
  CHECK(scene.environment->radiance.x == 1.0f);
  CHECK_FALSE(scene.environment->image.has_value());
  CHECK(complete_scene(scene).empty());  // now it has
}

TEST_CASE("the camera frames scenes of any size and place", "[scene]") {
  const float scale = GENERATE(1e-3f, 1.0f, 1e4f);
  const Vec3 shift = GENERATE(Vec3{0, 0, 0}, Vec3{-50, 20, 7});
  Scene scene = a_dark_scene(scale, shift);
  complete_scene(scene);
  const SceneCamera& camera = scene.cameras.at(0);
  float largest = 0;
  for (const Vec3 corner : scene.meshes[0].positions) {
    const Vec3 p = seen(camera, transform_point(scene.instances[0].world_from_object, corner));
    CHECK(p.z > 0);
    largest = std::max({largest, std::fabs(p.x), std::fabs(p.y)});
  }
  CHECK(largest < 1.0f);
  CHECK(largest > 0.6f);
  CHECK(camera.focus_distance_m > 0);
}

TEST_CASE("the camera's axes are orthonormal and upright", "[scene]") {
  Scene scene = a_dark_scene(1, {0, 0, 0});
  complete_scene(scene);
  const float* m = scene.cameras.at(0).world_from_camera.m;
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      const float dot = m[a] * m[b] + m[4 + a] * m[4 + b] + m[8 + a] * m[8 + b];
      CHECK(dot == Approx(a == b ? 1 : 0).margin(1e-6));
    }
  }
  CHECK(m[4] == 0.0f);  // its x axis is level
  CHECK(m[5] > 0.5f);
}

TEST_CASE("an empty scene, a single point and a far one get a camera too", "[scene]") {
  Scene empty;
  CHECK(complete_scene(empty).size() == 2);
  Scene point = a_dark_scene(1, {1e6f, 0, 0});
  for (Vec3& p : point.meshes[0].positions) p = {3, 4, 5};
  complete_scene(point);
  for (const Scene* scene : {&empty, &point}) {
    for (const float value : scene->cameras.at(0).world_from_camera.m) CHECK(std::isfinite(value));
    CHECK(scene->cameras[0].focus_distance_m > 0);
  }
  const Vec3 p = seen(point.cameras[0], {1e6f + 3, 4, 5});
  CHECK(p.z > 0);
  CHECK(std::fabs(p.x) < 0.1f);
}

TEST_CASE("whatever emits is light enough", "[scene]") {
  Scene scene = a_dark_scene(1, {0, 0, 0});
  scene.cameras.emplace_back();
  SECTION("a lamp") {
    scene.lights.emplace_back();
    CHECK(complete_scene(scene).empty());
    scene.lights[0].intensity = {0, 0, 0};
    CHECK(complete_scene(scene).size() == 1);
  }
  SECTION("a surface that is there") {
    scene.materials[0].emission = {0, 1, 0};
    CHECK(complete_scene(scene).empty());
    scene.instances.clear();
    CHECK(complete_scene(scene).size() == 1);
  }
  SECTION("an environment") {
    scene.environment.emplace();
    CHECK(complete_scene(scene).empty());
  }
  SECTION("unlit surfaces are not") {
    scene.materials[0].unlit = true;
    CHECK(complete_scene(scene).size() == 1);
  }
}
