#include "master/frame_task.hpp"

#include <fstream>

#include "master/output_check.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace oct;
using oct::test::TempDir;

namespace {

MasterConfig a_config(const std::vector<std::string>& outputs, const std::vector<std::int32_t>& frames) {
  MasterConfig config;
  config.jobs.resize(1);
  config.jobs[0].scene.path = "scenes/shot.glb";
  config.jobs[0].frames.numbers = frames;
  for (const std::string& path : outputs) config.jobs[0].outputs.push_back({path});
  return config;
}

std::vector<FrameTask> named_tasks(MasterConfig& config) {
  REQUIRE(name_outputs(config));
  return tasks_of(config);
}

}  // namespace

TEST_CASE("a still keeps the name that it is given", "[master]") {
  MasterConfig config = a_config({"shot #1.png"}, {});
  config.jobs[0].scene.time_s = 1.5;
  const auto tasks = named_tasks(config);
  REQUIRE(tasks.size() == 1);
  CHECK(tasks[0].number == 1);
  CHECK(tasks[0].time_s == 1.5);
  CHECK(tasks[0].outputs[0].path == "shot #1.png");
  CHECK(tasks[0].checkpoint == "shot #1.octcheck");
  CHECK_FALSE(has_frames(config));
}

TEST_CASE("each frame has its moment, its outputs and its checkpoint", "[master]") {
  MasterConfig config = a_config({"out/shot.exr", "out/look_##.png"}, {12, -3});
  config.jobs[0].frames.frames_per_second = 8;
  const auto tasks = named_tasks(config);
  REQUIRE(tasks.size() == 2);
  CHECK(tasks[0].time_s == 1.5);
  CHECK(tasks[0].outputs[0].path == "out/shot.0012.exr");
  CHECK(tasks[0].outputs[1].path == "out/look_12.png");
  CHECK(tasks[0].checkpoint == "out/shot.0012.octcheck");
  CHECK(tasks[1].time_s == -0.375);
  CHECK(tasks[1].outputs[0].path == "out/shot.-0003.exr");
  CHECK(tasks[1].checkpoint == "out/shot.-0003.octcheck");
  CHECK(has_frames(config));
}

TEST_CASE("one frame needs no place for its number", "[master]") {
  MasterConfig config = a_config({"shot.exr"}, {12});
  CHECK(named_tasks(config)[0].outputs[0].path == "shot.exr");
  config = a_config({"shot.####.exr"}, {12});
  CHECK(named_tasks(config)[0].outputs[0].path == "shot.0012.exr");
}

TEST_CASE("outputs and checkpoints that nobody names are named after the scene", "[master]") {
  MasterConfig config = a_config({}, {1, 2});
  const auto tasks = named_tasks(config);
  CHECK(tasks[1].outputs[0].path == "shot.0002.png");
  CHECK(tasks[1].checkpoint == "shot.0002.octcheck");
  config = a_config({"a.png"}, {1, 2});
  config.jobs[0].checkpoint.path = "films/shot.octcheck";
  CHECK(named_tasks(config)[1].checkpoint == "films/shot.0002.octcheck");
}

TEST_CASE("one report tells of all frames", "[master]") {
  MasterConfig config = a_config({"a.png"}, {1, 2});
  config.report.report = "report.####.json";
  const auto named = name_outputs(config);
  REQUIRE_FALSE(named);
  CHECK(named.error().message.starts_with("--report report.####.json: one report tells of all frames"));
}

TEST_CASE("no two frames or jobs are written to one file", "[master]") {
  MasterConfig config = a_config({"a.####.png"}, {1, 2});
  CHECK(check_names_differ(config, named_tasks(config)));
  config.report.report = "./a.0002.png";
  const auto with_report = check_names_differ(config, named_tasks(config));
  REQUIRE_FALSE(with_report);
  CHECK(with_report.error().message.find("the report and an output") != std::string::npos);

  config = a_config({"a.####.png"}, {1, 2});
  config.jobs.push_back(config.jobs.front());
  config.jobs[0].name = "one";
  config.jobs[1].name = "other";
  config.jobs[1].frames.numbers = {3, 2};
  config.jobs[1].checkpoint.path = "other.octcheck";
  const auto jobs = check_names_differ(config, named_tasks(config));
  REQUIRE_FALSE(jobs);
  CHECK(jobs.error().message ==
        "a.0002.png: an output of job \"one\" and an output of job \"other\" have this name");
}

TEST_CASE("thousands of names are compared in no time", "[master]") {
  const TempDir folder;
  std::vector<std::int32_t> numbers(5000);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int32_t>(i);
  MasterConfig config = a_config({folder.file("a.####.png"), folder.file("b.####.exr")}, numbers);
  const auto tasks = named_tasks(config);
  for (std::size_t i = 0; i < 100; ++i) std::ofstream(tasks[i].outputs[0].path) << "older";
  CHECK(check_names_differ(config, tasks));
}

TEST_CASE("a folder that cannot be written to is found before the first frame", "[master]") {
  const TempDir folder;
  std::ofstream(folder.file("file")) << "no folder";
  MasterConfig config = a_config({folder.file("new/a.####.png")}, {1, 2});
  CHECK(check_all_outputs(config, named_tasks(config)));
  config = a_config({folder.file("file/a.####.png")}, {1, 2});
  const auto checked = check_all_outputs(config, named_tasks(config));
  REQUIRE_FALSE(checked);
  CHECK(checked.error().kind == ErrorKind::output);
}
