#include "master/compiled_scene.hpp"

#include "base/file.hpp"
#include "master/resumed_film.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "unit/scene/posed.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// A folder with a scene in it that can be compiled.
class CompiledScenes {
 public:
  CompiledScenes() {
    GltfMaker maker;
    maker.show_triangle();
    REQUIRE(write_file_by_renaming(folder_.file("a.glb"), maker.glb()));
  }

  SceneChoice scene() const {
    SceneChoice choice;
    choice.path = folder_.file("a.glb");
    return choice;
  }
  /// What `choice` compiles to, as a scene to render.
  SceneChoice compiled(const SceneChoice& choice) {
    REQUIRE(save_compiled_scene(folder_.file("b.octscene"), load(choice), pool_));
    SceneChoice result;
    result.path = folder_.file("b.octscene");
    return result;
  }
  LoadedScene load(const SceneChoice& choice) {
    auto loaded = load_scene(choice, pool_, code_);
    INFO((loaded ? std::string() : loaded.error().message));
    REQUIRE(loaded);
    return *std::move(loaded);
  }
  Error refused(const SceneChoice& choice) {
    auto loaded = load_scene(choice, pool_, code_);
    REQUIRE_FALSE(loaded);
    return loaded.error();
  }
  ExitCode code() const { return code_; }

 private:
  TempDir folder_;
  ThreadPool pool_{2};
  ExitCode code_ = ExitCode::done;
};

}  // namespace

TEST_CASE("a compiled scene is the render that it was compiled for", "[master]") {
  CompiledScenes scenes;
  SceneChoice choice = scenes.scene();
  choice.samples_per_pixel = 48;
  choice.seed = 3;
  choice.max_depth = 5;
  choice.clamp_indirect = 20;
  choice.width = 320;
  choice.camera_override.fov = 50;
  const LoadedScene direct = scenes.load(choice);
  const LoadedScene read = scenes.load(scenes.compiled(choice));
  CHECK(read.hash == direct.hash);
  CHECK(read.camera_name == direct.camera_name);
  CHECK(read.summary.name == "a.glb");
  CHECK(read.summary.triangles == direct.summary.triangles);
  CHECK(render_key(film_source_of(read), read.settings()) ==
        render_key(film_source_of(direct), direct.settings()));
  CHECK(read.warnings.empty());
}

TEST_CASE("size, samples, seed, depth and clamp of a compiled scene are those asked for", "[master]") {
  CompiledScenes scenes;
  SceneChoice later = scenes.compiled(scenes.scene());
  SceneChoice direct = scenes.scene();
  for (SceneChoice* choice : {&later, &direct}) {
    choice->samples_per_pixel = 7;
    choice->seed = 9;
    choice->max_depth = 2;
    choice->clamp_indirect = 3;
    choice->width = 123;
    choice->height = 457;
  }
  CHECK(scenes.load(later).hash == scenes.load(direct).hash);
}

TEST_CASE("width or height alone keeps the shape that a scene was compiled for", "[master]") {
  CompiledScenes scenes;
  SceneChoice choice = scenes.scene();
  choice.width = 400;
  choice.height = 100;
  SceneChoice wide = scenes.compiled(choice);
  wide.width = 200;
  CHECK(scenes.load(wide).settings().height == 50);
  wide.width.reset();
  wide.height = 300;
  CHECK(scenes.load(wide).settings().width == 1200);
}

TEST_CASE("what a compiled scene was compiled from cannot be changed any more", "[master]") {
  CompiledScenes scenes;
  const SceneChoice compiled = scenes.compiled(scenes.scene());
  const auto refusal = [&](auto&& change) {
    SceneChoice choice = compiled;
    change(choice);
    const std::string message = scenes.refused(choice).message;
    CHECK(scenes.code() == ExitCode::usage);
    return message;
  };
  const auto words = [](const std::string& option) {
    return "b.octscene: is compiled already; " + option + " cannot change it";
  };
  CHECK(refusal([](SceneChoice& c) { c.environment = "a.hdr"; }) == words("--environment"));
  CHECK(refusal([](SceneChoice& c) { c.camera_override.fov = 50; }) == words("--cam-..."));
  CHECK(refusal([](SceneChoice& c) { c.camera = "left"; }) == words("--camera"));
  CHECK(refusal([](SceneChoice& c) { c.time_s = 1; }) == words("--time"));
  CHECK(refusal([](SceneChoice& c) { c.double_sided = true; }) == words("--double-sided"));
  CHECK(refusal([](SceneChoice& c) { c.import_options.strict = true; }) == words("--strict"));
  SceneChoice choice = compiled;
  choice.environment_power = 2.0f;
  CHECK(scenes.refused(choice).help ==
        "octane_master compile SCENE --environment-power ... -o FILE.octscene makes another one");
}

TEST_CASE("settings that a film cannot have are refused for compiled scenes, too", "[master]") {
  CompiledScenes scenes;
  SceneChoice choice = scenes.compiled(scenes.scene());
  choice.samples_per_pixel = 0xffffffff;
  choice.max_depth = 1000;
  scenes.refused(choice);
  CHECK(scenes.code() == ExitCode::usage);
}
