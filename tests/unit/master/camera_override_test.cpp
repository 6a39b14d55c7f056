#include "master/camera_override.hpp"

#include <cmath>

#include "support/catch.hpp"

using namespace oct;

TEST_CASE("a camera whose values are given as they are stays where it is", "[master]") {
  SceneCamera camera;
  camera.world_from_camera = {{1, 0, 0, 2, 0, 1, 0, 3, 0, 0, 1, 4}};
  camera.focus_distance_m = 5;
  CameraOverride same;
  same.position = {2.0, 3.0, 4.0};
  const SceneCamera result = overridden(camera, same, 1);
  for (int i = 0; i < 12; ++i) CHECK(result.world_from_camera.m[i] == Approx(camera.world_from_camera.m[i]));
}

TEST_CASE("position and target turn the camera, one coordinate at a time if need be", "[master]") {
  CameraOverride override;
  override.position = {10.0, 0.0, 0.0};
  override.target = {0.0, 0.0, 0.0};
  const SceneCamera result = overridden(SceneCamera{}, override, 1);
  const float* m = result.world_from_camera.m;
  CHECK(m[3] == 10);
  CHECK(-m[2] == Approx(-1));  // it looks along -x
  CHECK(m[5] == Approx(1));    // +y stays up

  CameraOverride higher;
  higher.position[1] = 7.0;
  CHECK(overridden(SceneCamera{}, higher, 1).world_from_camera.m[7] == 7);
  CHECK(overridden(SceneCamera{}, higher, 1).world_from_camera.m[3] == 0);
}

TEST_CASE("the field of view is horizontal", "[master]") {
  CameraOverride override;
  override.fov = 90.0f;
  CHECK(overridden(SceneCamera{}, override, 1).vertical_fov_degrees == Approx(90));
  CHECK(overridden(SceneCamera{}, override, 2).vertical_fov_degrees == Approx(53.130102));  // 2 atan(1 / 2)
}

TEST_CASE("a field of view makes an orthographic camera a perspective one", "[master]") {
  SceneCamera camera;
  camera.orthographic_height_m = 5.0f;
  CameraOverride nearer;
  nearer.position[2] = 7.0f;
  CHECK(overridden(camera, nearer, 1).orthographic_height_m == 5.0f);
  nearer.fov = 90.0f;
  CHECK_FALSE(overridden(camera, nearer, 1).orthographic_height_m);
}

TEST_CASE("a camera that looks along its own up direction still has a picture", "[master]") {
  CameraOverride override;
  override.position = {0.0, 5.0, 0.0};
  override.target = {0.0, 0.0, 0.0};
  const SceneCamera result = overridden(SceneCamera{}, override, 1);
  for (const float value : result.world_from_camera.m) CHECK(value == value);
  CHECK(-result.world_from_camera.m[6] == Approx(-1));
}

TEST_CASE("a camera above what it looks at sees a plan: +X to the right, -Z above", "[master]") {
  const auto is_a_plan = [](const SceneCamera& camera) {
    const float* m = camera.world_from_camera.m;
    CHECK(m[0] == Approx(1));
    CHECK(m[9] == Approx(-1));
  };
  CameraOverride override;
  override.position = {0.0, 5.0, 0.0};
  override.target = {0.0, 0.0, 0.0};
  is_a_plan(overridden(SceneCamera{}, override, 1));
  override.target = {1e-7, 0.0, 1e-7};  // where a camera's own target lies, nearly
  is_a_plan(overridden(SceneCamera{}, override, 1));
}

namespace {

/// Looks along -Z from above, rolled by the angle.
SceneCamera a_camera(double roll_degrees) {
  const double tilt = -20 * 3.14159265358979 / 180;
  const double roll = roll_degrees * 3.14159265358979 / 180;
  const double s = std::sin(roll), c = std::cos(roll), st = std::sin(tilt), ct = std::cos(tilt);
  const auto f = [](double value) { return static_cast<float>(value); };
  SceneCamera camera;
  camera.world_from_camera = {
      {f(c), f(-s), 0, 0, f(ct * s), f(ct * c), f(-st), 4, f(st * s), f(st * c), f(ct), 3}};
  camera.focus_distance_m = 5;
  return camera;
}

/// How far its x axis leaves the horizon.
float slope(const SceneCamera& camera) {
  return camera.world_from_camera.m[4];
}

}  // namespace

TEST_CASE("a camera that is placed anew stands upright", "[master]") {
  CameraOverride both;
  both.position = {3.0, 0.5, 2.0};
  both.target = {0.0, 0.0, 0.0};
  CHECK(slope(overridden(a_camera(0), both, 1)) == Approx(0).margin(1e-6));
  CHECK(slope(overridden(a_camera(30), both, 1)) == Approx(0).margin(1e-6));
  CameraOverride target;
  target.target = {2.0, 0.0, 0.0};
  CHECK(slope(overridden(a_camera(0), target, 1)) == Approx(0).margin(1e-6));
  CHECK(std::fabs(slope(overridden(a_camera(30), target, 1))) > 0.3f);  // it was meant to be rolled
  both.up = {1.0f, 0.0f, 0.0f};
  CHECK(std::fabs(slope(overridden(a_camera(0), both, 1))) > 0.9f);
}
