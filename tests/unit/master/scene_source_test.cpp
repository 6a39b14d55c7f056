#include <fstream>

#include "base/file.hpp"
#include "master/frame_loader.hpp"
#include "support/catch.hpp"
#include "support/film_maker.hpp"
#include "support/temp_dir.hpp"
#include "unit/scene/posed.hpp"

// Frames of one import.

using namespace oct;
using namespace oct::test;

namespace {

/// A triangle that moves a metre a second along x, and another one that stands.
struct MovingScene {
  MovingScene() {
    GltfMaker maker;
    maker.show_triangle();
    maker.show_triangle();
    animate(maker, of_node(0, "translation"), {0, 10}, "VEC3", {0, 0, 0, 10, 0, 0});
    choice.path = folder.file("a.glb");
    choice.width = 32;
    choice.height = 18;
    choice.samples_per_pixel = 1;
    write(maker.glb());
  }
  void write(const Bytes& bytes) { REQUIRE(write_file_by_renaming(folder.file("a.glb"), bytes)); }
  std::unique_ptr<SceneSource> open() {
    auto source = SceneSource::open(choice, pool, code);
    REQUIRE(source);
    return *std::move(source);
  }
  LoadedScene at(SceneSource& source, std::int32_t frame, double time_s) {
    auto scene = source.at({frame, time_s}, pool, code);
    REQUIRE(scene);
    return *std::move(scene);
  }

  TempDir folder;
  SceneChoice choice;
  ThreadPool pool{2};
  ExitCode code = ExitCode::done;
};

struct MovingRun : MovingScene {
  MovingRun() {
    config.jobs.resize(1);
    config.jobs[0].scene = choice;
    config.jobs[0].frames.numbers = {1, 24, 48};
    config.jobs[0].outputs = {{folder.file("a.####.png")}};
    tasks = tasks_of(config);
    for (FrameTask& task : tasks) task.checkpoint = task.outputs[0].path + ".octcheck";
  }
  MasterConfig config;
  std::vector<FrameTask> tasks;
  DevicePlan plan;
};

}  // namespace

TEST_CASE_METHOD(MovingScene, "a moment of a scene is the same whichever moments were seen before",
                 "[master]") {
  const auto source = open();
  CHECK(source->moves());
  const LoadedScene first = at(*source, 1, 0);
  const LoadedScene later = at(*source, 48, 2);
  CHECK(later.settings().frame == 48);
  CHECK(later.data()->instances[0].world_from_object.m[3] == 2);
  const auto alone = open();
  CHECK(at(*alone, 48, 2).hash == later.hash);
  CHECK(at(*source, 1, 0).hash == first.hash);
  CHECK(first.hash != later.hash);
}

TEST_CASE_METHOD(MovingScene, "a frame shares with the one before what did not change", "[master]") {
  const auto source = open();
  const LoadedScene first = at(*source, 1, 0), later = at(*source, 2, 1);
  CHECK(later.data()->positions.is_same(first.data()->positions));
  CHECK(later.data()->triangles.is_same(first.data()->triangles));
  CHECK(later.data()->texels.is_same(first.data()->texels));
  CHECK_FALSE(later.data()->instances.is_same(first.data()->instances));
  CHECK_FALSE(later.data()->settings.is_same(first.data()->settings));
}

TEST_CASE_METHOD(MovingScene, "the camera that a scene lacks is the same for all its frames", "[master]") {
  const auto source = open();
  const LoadedScene first = at(*source, 1, 0), later = at(*source, 2, 9);
  CHECK(later.data()->cameras.is_same(first.data()->cameras));
}

TEST_CASE_METHOD(MovingRun, "a run reads its scene once and tells when the file has changed", "[master]") {
  FrameLoader loader(config, plan);
  const auto first = loader.load(tasks[0]);
  REQUIRE(std::holds_alternative<LoadedFrame>(first));
  CHECK(std::get<LoadedFrame>(first).scene.settings().frame == 1);
  std::ofstream(folder.file("a.glb")) << "somebody writes it again";
  const auto second = loader.load(tasks[1]);
  REQUIRE(std::holds_alternative<LoadedFrame>(second));
  const LoadedScene& scene = std::get<LoadedFrame>(second).scene;
  CHECK(scene.data()->instances[0].world_from_object.m[3] == 1);
  const auto says_so = [](const LoadedScene& of) {
    return std::ranges::any_of(of.warnings, [](const std::string& warning) {
      return warning.starts_with("a.glb: has changed since it was read; ");
    });
  };
  CHECK(says_so(scene));
  CHECK_FALSE(says_so(std::get<LoadedFrame>(loader.load(tasks[2])).scene));  // once for each change
}

TEST_CASE_METHOD(MovingRun, "a scene that cannot be read fails all frames of its job", "[master]") {
  write(Bytes(10));
  FrameLoader loader(config, plan);
  for (const FrameTask& task : tasks) {
    const auto offer = loader.load(task);
    REQUIRE(std::holds_alternative<UnloadableFrame>(offer));
    CHECK(std::get<UnloadableFrame>(offer).whole_job);
    CHECK(std::get<UnloadableFrame>(offer).code == ExitCode::input);
  }
}

TEST_CASE_METHOD(MovingRun, "frames whose names are there are skipped without reading anything", "[master]") {
  config.jobs[0].frames.skip_existing = true;
  std::ofstream(tasks[1].outputs[0].path) << "whatever";
  std::ofstream(folder.file("a.glb")) << "not read";
  FrameLoader loader(config, plan);
  const auto offer = loader.load(tasks[1]);
  REQUIRE(std::holds_alternative<SkippedFrame>(offer));
  const FrameOutcome& outcome = std::get<SkippedFrame>(offer).outcome;
  CHECK(outcome.frame == 24);
  CHECK(outcome.state == FrameState::skipped);
  CHECK(outcome.outputs == std::vector<std::string>{tasks[1].outputs[0].path});
  CHECK(std::holds_alternative<UnloadableFrame>(loader.load(tasks[0])));
}

TEST_CASE_METHOD(MovingRun, "with --resume a frame is skipped when its picture shows just it", "[master]") {
  config.jobs[0].checkpoint.resume = true;
  FrameLoader loader(config, plan);
  const LoadedScene scene = std::get<LoadedFrame>(loader.load(tasks[0])).scene;
  const FilmSource source = film_source_of(scene);
  PictureMetadata metadata = picture_metadata(source, Film(scene.settings()), Digest{});
  metadata.numbers[2].second = 1;
  const Image image{32, 18, std::vector<float>(32 * 18 * 3)};
  REQUIRE(write_picture(image, {}, tasks[0].outputs[0], with_display(metadata, PictureFormat::png8, {})));
  const auto offer = loader.load(tasks[0]);
  REQUIRE(std::holds_alternative<SkippedFrame>(offer));
  CHECK(std::get<SkippedFrame>(offer).outcome.film_hash == Digest{}.short_text());
  CHECK(std::get<SkippedFrame>(offer).outcome.samples_merged == 32 * 18);
  // A film that was left behind goes.
  Film film(scene.settings());
  film.merge(a_contribution(scene.settings(), {0, 0, 1}));
  UnitBits units(unit_count(scene.settings()));
  units[0] = true;
  REQUIRE(write_film_file(tasks[0].checkpoint, source, film, units));
  CHECK(std::holds_alternative<SkippedFrame>(loader.load(tasks[0])));
  CHECK_FALSE(std::filesystem::exists(path_from_utf8(tasks[0].checkpoint)));
  // The same file under the name of another frame is not that frame.
  std::filesystem::copy_file(path_from_utf8(tasks[0].outputs[0].path),
                             path_from_utf8(tasks[1].outputs[0].path));
  CHECK(std::holds_alternative<LoadedFrame>(loader.load(tasks[1])));
}
