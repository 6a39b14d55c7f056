#include "master/scene_loader.hpp"

#include <cmath>

#include "base/file.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "unit/scene/posed.hpp"

using namespace oct;
using namespace oct::test;

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

TEST_CASE("a user can give all surfaces two sides", "[master]") {
  const TempDir folder;
  GltfMaker maker;
  maker.show_triangle();
  REQUIRE(write_file_by_renaming(folder.file("a.glb"), maker.glb()));
  ThreadPool pool(1);
  ExitCode code = ExitCode::done;
  SceneChoice choice;
  choice.path = folder.file("a.glb");
  const auto flags = [&] {
    const auto loaded = load_scene(choice, pool, code);
    REQUIRE(loaded);
    return loaded->data()->materials.front().flags & (kMaterialCullsBack | kMaterialEmitsFrontOnly);
  };
  CHECK(flags() == (kMaterialCullsBack | kMaterialEmitsFrontOnly));
  choice.double_sided = true;
  CHECK(flags() == 0);
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
