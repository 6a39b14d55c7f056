#include "master/scene_loader.hpp"

#include "support/catch.hpp"

using namespace oct;

TEST_CASE("a camera whose values are given as they are stays where it is", "[master]") {
  SceneCamera camera;
  camera.world_from_camera = {{1, 0, 0, 2, 0, 1, 0, 3, 0, 0, 1, 4}};
  camera.focus_distance_m = 5;
  CameraOverride same;
  same.position = {2.0f, 3.0f, 4.0f};
  const SceneCamera result = overridden(camera, same, 1);
  for (int i = 0; i < 12; ++i) CHECK(result.world_from_camera.m[i] == Approx(camera.world_from_camera.m[i]));
}

TEST_CASE("position and target turn the camera, one coordinate at a time if need be", "[master]") {
  CameraOverride override;
  override.position = {10.0f, 0.0f, 0.0f};
  override.target = {0.0f, 0.0f, 0.0f};
  const SceneCamera result = overridden(SceneCamera{}, override, 1);
  const float* m = result.world_from_camera.m;
  CHECK(m[3] == 10);
  CHECK(-m[2] == Approx(-1));  // it looks along -x
  CHECK(m[5] == Approx(1));    // +y stays up

  CameraOverride higher;
  higher.position[1] = 7.0f;
  CHECK(overridden(SceneCamera{}, higher, 1).world_from_camera.m[7] == 7);
  CHECK(overridden(SceneCamera{}, higher, 1).world_from_camera.m[3] == 0);
}

TEST_CASE("the field of view is horizontal", "[master]") {
  CameraOverride override;
  override.fov = 90.0f;
  CHECK(overridden(SceneCamera{}, override, 1).vertical_fov_degrees == Approx(90));
  CHECK(overridden(SceneCamera{}, override, 2).vertical_fov_degrees == Approx(53.130102));  // 2 atan(1 / 2)
}

TEST_CASE("a camera that looks along its own up direction still has a picture", "[master]") {
  CameraOverride override;
  override.position = {0.0f, 5.0f, 0.0f};
  override.target = {0.0f, 0.0f, 0.0f};
  const SceneCamera result = overridden(SceneCamera{}, override, 1);
  for (const float value : result.world_from_camera.m) CHECK(value == value);
  CHECK(-result.world_from_camera.m[6] == Approx(-1));
}
