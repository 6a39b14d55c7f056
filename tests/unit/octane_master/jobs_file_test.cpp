#include "octane_master/jobs_file.hpp"

#include "octane_master/options.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

Result<std::vector<RenderJob>> jobs_of(const std::string& text,
                                       const std::map<std::string, std::string>& options = {}) {
  return jobs_from_text(text, "shots/jobs.json", options, {});
}

std::string with_jobs(const std::string& jobs, const std::string& defaults = "{}") {
  return R"({"schema": "octane.jobs/1",
 "defaults": )" +
         defaults + R"(,
 "jobs": [)" +
         jobs + "]}";
}

void check_refused(const std::string& text, const std::string& message, const std::string& help) {
  const auto jobs = jobs_of(text);
  INFO(text);
  REQUIRE_FALSE(jobs);
  CHECK(jobs.error().kind == ErrorKind::invalid_input);
  CHECK(jobs.error().message == message);
  CHECK(jobs.error().help.find(help) != std::string::npos);
}

Result<MasterCommand> command_of(const std::vector<std::string>& arguments) {
  return parse_master_command(arguments, [] { return Result<Preferences>(Preferences()); });
}

}  // namespace

TEST_CASE("a job is a command line of its own, with paths beside its file", "[command_line]") {
  const auto jobs = jobs_of(with_jobs(
      R"({"name": "a", "scene": "a.glb", "frames": "1-3", "output-exr": "out/a.####.exr", "tone-curve": "agx"},
                   {"scene": "/abs/b.glb", "samples": 7, "frames": [1, "5-6"], "double-sided": true, "resume": false})",
      R"({"samples": 500, "resume": true, "imager-exposure": 1.5})"));
  INFO((jobs ? std::string() : jobs.error().message));
  REQUIRE(jobs);
  REQUIRE(jobs->size() == 2);
  const RenderJob& a = jobs->at(0);
  CHECK(a.name == "a");
  CHECK(a.scene.path == "shots/a.glb");
  CHECK(a.scene.samples_per_pixel == 500u);
  CHECK(a.frames.numbers == std::vector<std::int32_t>{1, 2, 3});
  CHECK(a.outputs.at(0).path == "shots/out/a.####.exr");
  CHECK(a.tone_map.exposure == 1.5f);
  CHECK(a.tone_map.curve == ToneCurve::agx);
  CHECK(a.checkpoint.resume);
  CHECK_FALSE(a.scene.double_sided);
  const RenderJob& b = jobs->at(1);
  CHECK(b.name == "job 2");
  CHECK(b.scene.path == "/abs/b.glb");
  CHECK(b.scene.samples_per_pixel == 7u);
  CHECK(b.frames.numbers == std::vector<std::int32_t>{1, 5, 6});
  CHECK(b.outputs.at(0).path == "shots/b.png");
  CHECK(b.scene.double_sided);
  CHECK_FALSE(b.checkpoint.resume);
}

TEST_CASE("what the command line says holds for all jobs", "[command_line]") {
  const auto jobs = jobs_of(with_jobs(R"({"scene": "a.glb", "samples": 7}, {"scene": "b.glb"})"),
                            {{"samples", "2"}, {"resume", ""}});
  REQUIRE(jobs);
  for (const RenderJob& job : *jobs) {
    CHECK(job.scene.samples_per_pixel == 2u);
    CHECK(job.checkpoint.resume);
  }
}

TEST_CASE("a jobs file with a fault is refused with its line and job", "[command_line]") {
  check_refused("{", "shots/jobs.json, line 1: this is not JSON", "octane.jobs/1");
  check_refused("[]", "shots/jobs.json: is not a jobs file: \"schema\" must be \"octane.jobs/1\"",
                "octane.jobs/1");
  check_refused(R"({"schema":"octane.jobs/2","jobs":[]})",
                "shots/jobs.json, line 1: is not a jobs file: \"schema\" must be \"octane.jobs/1\"",
                "octane.jobs/1");
  check_refused(std::string(100, '['), "shots/jobs.json: is not a jobs file", "octane.jobs/1");
  check_refused(with_jobs(""), "shots/jobs.json, line 3: \"jobs\" must be a list of at least one job",
                "scene");
  check_refused(with_jobs(R"({"scene":"a.glb"})", R"({"smaples": 3})"),
                "shots/jobs.json, line 2: defaults: unknown key \"smaples\"", "did you mean \"samples\"?");
  check_refused(with_jobs(R"({"scene":"a.glb"})", R"({"scene": "b.glb"})"),
                "shots/jobs.json, line 2: defaults: each job has a \"scene\" of its own", "scene");
  check_refused(with_jobs(R"({"name":"a"})"), "shots/jobs.json, line 3: job 1 \"a\": has no \"scene\"",
                "scene");
  check_refused(with_jobs("{\"scene\":\"a.glb\"},\n{\"name\":\"b\",\"scene\":\"b.glb\",\"net-enable\":true}"),
                "shots/jobs.json, line 4: job 2 \"b\": \"net-enable\" is one for the whole run",
                "give --net-enable on the command line");
  check_refused(with_jobs(R"({"scene":"a.glb","samples":null})"),
                "shots/jobs.json, line 3: job 1: \"samples\" must be a text, a number, true or false", "500");
  check_refused(with_jobs(R"({"scene":7})"), "shots/jobs.json, line 3: job 1: \"scene\" must be a text",
                "scene");
  check_refused(with_jobs("7"), "shots/jobs.json, line 3: job 1 must be {...}", "scene");
  check_refused(with_jobs(R"({"scene":"a.glb","samples":true})"),
                "shots/jobs.json, line 3: job 1: --samples needs a value", "samples");
  check_refused(with_jobs(R"({"scene":"a.glb","frames":"1-1000000"})"),
                "shots/jobs.json, line 3: job 1: --frames 1-1000000: these are more than 100000 frames; one "
                "run renders "
                "at most so many",
                "every Nth one");
  check_refused(with_jobs(R"({"name":"a","scene":"a.glb"},{"name":"a","scene":"b.glb"})"),
                "shots/jobs.json, line 3: job 2: another job is called \"a\", too", "a name of its own");
  check_refused(
      with_jobs(R"({"scene":"a.glb","frames":"1-60000"},{"scene":"b.glb","frames":"1-60000"})"),
      "shots/jobs.json, line 3: job 2: with it these are more than 100000 frames; one run renders at most so "
      "many",
      "several files");
  CHECK_FALSE(jobs_of(R"({"schema":"octane.jobs/1","jobs":[{"scene":"a.glb"}],"more":1})"));
  check_refused(with_jobs(R"({"scene":"a.glb","frames":[],"output-png":"a.png"})"),
                "shots/jobs.json, line 3: job 1: \"frames\" is empty", "leave it out");
  check_refused(with_jobs(R"({"scene":"a.glb","output-png":"e\u0000vil.png"})"),
                "shots/jobs.json, line 3: job 1: \"output-png\" holds a character that no name can have",
                "scene");
  check_refused(with_jobs(R"({"scene":"a.glb","samples":1e999})"),
                "shots/jobs.json: holds a number that is too large", "octane.jobs/1");
}

TEST_CASE("whole numbers of a jobs file may be written as others are", "[command_line]") {
  const auto jobs = jobs_of(with_jobs(R"({"scene":"a.glb","samples":1e2,"frames":[1.0,3]})"));
  REQUIRE(jobs);
  CHECK(jobs->front().scene.samples_per_pixel == 100u);
  CHECK(jobs->front().frames.numbers == std::vector<std::int32_t>{1, 3});
}

TEST_CASE("frames of the command line go with a scene that moves", "[command_line]") {
  const auto command =
      command_of({"a.glb", "--frames=-1..1", "--fps", "25", "--skip-existing", "--stop-on-error"});
  REQUIRE(command);
  REQUIRE(command->render.jobs.size() == 1);
  CHECK(command->render.jobs[0].frames.numbers == std::vector<std::int32_t>{-1, 0, 1});
  CHECK(command->render.jobs[0].frames.frames_per_second == 25);
  CHECK(command->render.jobs[0].frames.skip_existing);
  CHECK(command->render.stop_on_error);
  CHECK(command_of({"a.glb", "--frames", "1,5", "--frames", "7-8"})->job.frames.numbers ==
        std::vector<std::int32_t>{1, 5, 7, 8});
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"a.glb", "--frames", "1", "--time", "2"},
        {"a.octscene", "--frames", "1-2"},
        {"a.glb", "--frames", "1,1"},
        {"a.glb", "--fps", "0"},
        {"a.glb", "--batch", "jobs.json"},
        {"--batch", "jobs.json", "--debug-pixel", "1,1"}}) {
    const auto refused = command_of(arguments);
    INFO(arguments.back());
    REQUIRE_FALSE(refused);
    CHECK_FALSE(refused.error().help.empty());
  }
}

TEST_CASE("what the command line says of pictures goes to the jobs of a batch, the rest to the run",
          "[command_line]") {
  const auto command =
      command_of({"--batch", "jobs.json", "-s", "4", "--resume", "--threads", "2", "--frames", "1,2"});
  REQUIRE(command);
  CHECK(command->batch == "jobs.json");
  CHECK(command->batch_options ==
        std::map<std::string, std::string>{{"frames", "1,2"}, {"resume", ""}, {"samples", "4"}});
  CHECK(command->render.devices.threads == 2);
}
