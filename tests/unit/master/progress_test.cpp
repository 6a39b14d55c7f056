#include "master/progress.hpp"

#include <nlohmann/json.hpp>

#include "master/json_records.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

ProgressView a_view() {
  ProgressView view;
  view.pixels = 1000;
  view.samples_per_pixel_wanted = 1000;
  view.samples_wanted = 1'000'000;
  view.samples_merged = 342'000;
  view.samples_per_second = 48.2e6;
  view.network = true;
  view.slaves = 3;
  view.net_devices = 6;
  view.net_devices_used = 5;
  view.slaves_updating = 1;
  view.slaves_updated = 2;
  view.bytes_pending = 120'000'000;
  view.bytes_total = 190'000'000;
  return view;
}

}  // namespace

TEST_CASE("the status bar has all its parts, and fewer on a narrow terminal", "[master]") {
  const ProgressView view = a_view();
  CHECK(bar_text(view, 200) ==
        "[######..............]  34%  342/1000 spp  48.2 Ms/s  left 0:01  net: 3 slaves, GPUs 5/6, updating "
        "1, updated 2, "
        "120/190 MB");
  ProgressView full = view;
  full.slaves_network_bound = 1;
  CHECK(bar_text(full, 200) == bar_text(view, 200) + ", network-bound 1/3");
  full.slaves_network_bound = 3;
  CHECK(bar_text(full, 200) == bar_text(view, 200) + ", network-bound");
  CHECK(bar_text(view, 80) == "[######..............]  34%  342/1000 spp  48.2 Ms/s  left 0:01");
  CHECK(bar_text(view, 45) == "[######..............]  34%  342/1000 spp");
  for (std::size_t width = 1; width < 150; ++width) CHECK(bar_text(view, width).size() <= width);
}

TEST_CASE("durations, speeds and sizes are short", "[master]") {
  CHECK(duration_text(0) == "0:00");
  CHECK(duration_text(1.2) == "0:02");
  CHECK(duration_text(113) == "1:53");
  CHECK(duration_text(3723) == "1:02:03");
  CHECK(speed_text(61.34e6) == "61.3 Ms/s");
  CHECK(speed_text(241e6) == "241 Ms/s");
  CHECK(speed_text(143'000) == "0.143 Ms/s");
  CHECK(megabytes_text(61'400'000) == "61 MB");
  CHECK(megabytes_text(0) == "0 MB");
}

TEST_CASE("records are one line of JSON each, with UTC", "[master]") {
  const WallTime time{std::chrono::milliseconds(1763887390512)};
  CHECK(utc_text(time) == "2025-11-23T08:43:10.512Z");
  const std::string line = progress_record(time, a_view());
  CHECK(line.find('\n') == std::string::npos);
  const auto json = nlohmann::json::parse(line);
  CHECK(json["schema"] == "octane.progress/1");
  CHECK(json["event"] == "progress");
  CHECK(json["percent"] == 34.2);
  CHECK(json["net_gpus"] == 6);
  const auto error = nlohmann::json::parse(
      error_record(time, {ErrorKind::invalid_input, "bad \xff bytes", {}}, 1, ExitCode::input));
  CHECK(error["exit_code"] == 3);
  CHECK(error["help"].is_null());
}

TEST_CASE("a report has every field, also when nothing was rendered", "[master]") {
  RenderOutcome outcome;
  outcome.exit_code = ExitCode::input;
  outcome.stop_reason = outcome.frame_state = "failed";
  outcome.error = Error{ErrorKind::invalid_input, "x.glb: truncated", {}};
  const auto json = nlohmann::json::parse(report_document(outcome));
  CHECK(json["schema"] == "octane.report/1");
  CHECK(json["exit_code"] == 3);
  CHECK(json["film_hash"].is_null());
  CHECK(json["frames"][0]["error"] == "x.glb: truncated");
  for (const char* key : {"version", "command", "samples_wanted", "samples_merged", "seconds", "devices",
                          "slaves", "warnings"}) {
    CHECK(json.contains(key));
  }
}
