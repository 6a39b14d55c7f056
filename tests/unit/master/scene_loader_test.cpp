#include "master/scene_loader.hpp"

#include <cmath>

#include "base/file.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "unit/scene/posed.hpp"

using namespace oct;
using namespace oct::test;

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

TEST_CASE("animations are chosen by name, else by number", "[master]") {
  const TempDir folder;
  GltfMaker maker;
  maker.show_triangle();
  for (const char* name : {"walk", "0", "run"}) {
    maker.add("animations", {{"name", name}});
    const float start = name[0] == 'w' ? 1.0f : name[0] == '0' ? 2.0f : 3.0f;
    animate(maker, of_node(0, "translation"), {0, 2}, "VEC3", {start, 0, 0, start + 10, 0, 0});
  }
  REQUIRE(write_file_by_renaming(folder.file("a.glb"), maker.glb()));
  ThreadPool pool(1);
  ExitCode code = ExitCode::done;
  SceneChoice choice;
  choice.path = folder.file("a.glb");
  const auto x = [&] {
    const auto loaded = load_scene(choice, pool, code);
    REQUIRE(loaded);
    return loaded->data()->instances.at(0).world_from_object.m[3];
  };
  CHECK(x() == 1);
  choice.time_s = 1;
  CHECK(x() == 6);
  choice.animation = "run";
  CHECK(x() == 8);
  choice.animation = "0";
  CHECK(x() == 7);  // its name comes before its number
  choice.animation = "2";
  CHECK(x() == 8);
  choice.animation = "none";
  CHECK(x() == 0);
  choice.animation = "fly";
  const auto refused = load_scene(choice, pool, code);
  REQUIRE_FALSE(refused);
  CHECK(code == ExitCode::usage);
  CHECK(refused.error().message == "--animation fly: a.glb has no such animation");
  CHECK(refused.error().help == "its animations are 0 \"walk\" (2 s), 1 \"0\" (2 s), 2 \"run\" (2 s)");
}

TEST_CASE("a scene without animations needs no animation's name, and no time", "[master]") {
  const TempDir folder;
  GltfMaker maker;
  maker.show_triangle();
  REQUIRE(write_file_by_renaming(folder.file("a.glb"), maker.glb()));
  ThreadPool pool(1);
  ExitCode code = ExitCode::done;
  SceneChoice choice;
  choice.path = folder.file("a.glb");
  choice.time_s = 1;
  const auto loaded = load_scene(choice, pool, code);
  REQUIRE(loaded);
  CHECK(loaded->warnings == std::vector<std::string>{"a.glb: has no animations; --time changes nothing"});
  choice.animation = "walk";
  CHECK(load_scene(choice, pool, code).error().help == "it has no animations; leave --animation out");
}

TEST_CASE("a camera that looks along its own up direction still has a picture", "[master]") {
  CameraOverride override;
  override.position = {0.0, 5.0, 0.0};
  override.target = {0.0, 0.0, 0.0};
  const SceneCamera result = overridden(SceneCamera{}, override, 1);
  for (const float value : result.world_from_camera.m) CHECK(value == value);
  CHECK(-result.world_from_camera.m[6] == Approx(-1));
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

TEST_CASE("the points of a user are those of a surveyed file", "[master]") {
  TempDir folder;
  SceneChoice choice;
  choice.path = folder.file("a.obj");
  const std::string text = "v 450000 4500000 0\nv 450010 4500000 0\nv 450000 4500010 0\nf 1 2 3\n";
  REQUIRE(write_file_by_renaming(choice.path,
                                 ByteView(reinterpret_cast<const std::byte*>(text.data()), text.size())));
  choice.camera_override.position = {450001.5, 4500001.25, 20.0};
  choice.camera_override.target = {450001.5, 4500001.25, 0.0};
  ThreadPool pool;
  ExitCode code{};
  const auto loaded = load_scene(choice, pool, code);
  REQUIRE(loaded);
  const float* m = loaded->data()->cameras.front().world_from_camera.m;
  CHECK(m[3] == 1.5f);
  CHECK(m[7] == 1.25f);
  CHECK(m[11] == 20.0f);
  CHECK(loaded->neutral_light_added);
}
