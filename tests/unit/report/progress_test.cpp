#include "report/progress.hpp"

#include <nlohmann/json.hpp>

#include "report/json_records.hpp"
#include "report/report_document.hpp"
#include "report/words.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

RenderStatus a_status() {
  RenderStatus status;
  status.pixels = 1000;
  status.samples_per_pixel_wanted = 1000;
  status.samples_wanted = 1'000'000;
  status.samples_merged = 342'000;
  status.samples_per_second = 48.2e6;
  NetworkTotals network;
  network.slaves = 3;
  network.devices = 6;
  network.devices_used = 5;
  network.slaves_updating = 1;
  network.slaves_updated = 2;
  network.bytes_pending = 120'000'000;
  network.bytes_total = 190'000'000;
  status.network = network;
  return status;
}

}  // namespace

TEST_CASE("the status bar has all its parts, and fewer on a narrow terminal", "[report]") {
  const RenderStatus status = a_status();
  CHECK(bar_text(status, 200) ==
        "[######..............]  34%  342/1000 spp  48.2 Ms/s  left 0:01  net: 3 slaves, GPUs 5/6, updating "
        "1, updated 2, "
        "120/190 MB");
  RenderStatus full = status;
  full.network->slaves_network_bound = 1;
  CHECK(bar_text(full, 200) == bar_text(status, 200) + ", network-bound 1/3");
  full.network->slaves_network_bound = 3;
  CHECK(bar_text(full, 200) == bar_text(status, 200) + ", network-bound");
  for (std::size_t width = 1; width < 150; ++width) CHECK(bar_text(status, width).size() <= width);
}

TEST_CASE("at 80 columns the bar shows slaves and updating", "[report]") {
  RenderStatus status = a_status();
  CHECK(bar_text(status, 80) ==
        "[##......]  34%  342/1000 spp  48.2 Ms/s  left 0:01  net: 3 slaves, updating 1");
  status.samples_per_pixel_wanted = 40000;
  status.samples_wanted *= 40;
  status.samples_per_second = 41;
  status.network->slaves = 120;
  status.network->slaves_updating = 117;
  status.network->slaves_network_bound = 3;
  CHECK(bar_text(status, 80) ==
        "[........]   0%  0.000041 Ms/s  left 268:41:09  net: 120 slaves, updating 117");
  status.network.reset();
  CHECK(bar_text(status, 80) == "[....................]   0%  342/40000 spp  0.000041 Ms/s  left 268:41:09");
}

TEST_CASE("pieces of the bar fall away one by one, in one order", "[report]") {
  RenderStatus status = a_status();
  status.frames_total = 240;
  status.network->slaves_network_bound = 1;
  const std::vector<std::string> pieces = {"updated",  "[....................]",
                                           "/190 MB",  "network-bound",
                                           "GPUs",     "spp",
                                           "[",        "frame",
                                           "Ms/s",     "left",
                                           "updating", "slaves",
                                           "%"};
  const auto count = [&](const std::string& bar) {
    std::size_t gone = 0;
    while (gone < pieces.size() && bar.find(pieces[gone]) == std::string::npos) ++gone;
    for (std::size_t i = gone; i < pieces.size(); ++i) {
      INFO(bar << " lacks " << pieces[i]);
      CHECK(bar.find(pieces[i]) != std::string::npos);
    }
    return gone;
  };
  std::size_t gone = 0;
  for (std::size_t width = bar_text(status, 300).size() + 1; width > 4; --width) {
    const std::size_t now_gone = count(bar_text(status, width));
    CHECK(now_gone >= gone);
    gone = now_gone;
  }
  CHECK(gone == pieces.size() - 1);  // the percentage stays
}

TEST_CASE("the word is devices where CPUs are among them", "[report]") {
  std::vector<SlaveStatus> slaves(2);
  for (SlaveStatus& slave : slaves) {
    slave.devices = {DeviceInfo{DeviceKind::cuda, 0, "GPU", 1, 0}};
    slave.devices_used = 1;
  }
  RenderStatus status = a_status();
  status.network = totals_of(slaves);
  CHECK(bar_text(status, 200).find("GPUs 2/2") != std::string::npos);
  slaves[1].devices.push_back(DeviceInfo{DeviceKind::cpu, 0, "CPU", 1, 8});
  status.network = totals_of(slaves);
  CHECK(status.network->cpus == 1);
  CHECK(bar_text(status, 200).find("devices 2/3") != std::string::npos);
  status.network = totals_of({});
  CHECK(bar_text(status, 200).find("devices 0/0") != std::string::npos);
}

TEST_CASE("durations, speeds and sizes are short", "[report]") {
  CHECK(duration_text(0) == "0:00");
  CHECK(duration_text(1.2) == "0:02");
  CHECK(duration_text(113) == "1:53");
  CHECK(duration_text(3723) == "1:02:03");
  CHECK(speed_text(61.34e6) == "61.3 Ms/s");
  CHECK(speed_text(241e6) == "241 Ms/s");
  CHECK(speed_text(143'000) == "0.143 Ms/s");
  CHECK(megabytes_text(61'400'000) == "61 MB");
  CHECK(megabytes_text(0) == "0 MB");
  CHECK(speed_text(12'000) == "0.012 Ms/s");
  CHECK(speed_text(1'234) == "0.0012 Ms/s");
  CHECK(megabytes_text(300'000) == "0.3 MB");
  CHECK(megabytes_text(12'000) == "0.012 MB");
  CHECK(megabytes_figure(960'000) == "1");
}

TEST_CASE("records are one line of JSON each, with UTC", "[report]") {
  const WallTime time{std::chrono::milliseconds(1763887390512)};
  CHECK(utc_text(time) == "2025-11-23T08:43:10.512Z");
  const std::string line = progress_record(time, a_status());
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

TEST_CASE("a report has every field, also when nothing was rendered", "[report]") {
  RenderOutcome outcome;
  outcome.exit_code = ExitCode::input;
  outcome.frames.resize(1);
  outcome.frames[0].error = Error{ErrorKind::invalid_input, "x.glb: truncated", {}};
  const auto json = nlohmann::json::parse(report_document(outcome, {}));
  CHECK(json["schema"] == "octane.report/1");
  CHECK(json["exit_code"] == 3);
  CHECK(json["film_hash"].is_null());
  CHECK(json["frames"][0]["error"] == "x.glb: truncated");
  for (const char* key : {"version", "command", "samples_wanted", "samples_merged", "seconds", "devices",
                          "slaves", "warnings"}) {
    CHECK(json.contains(key));
  }
}

TEST_CASE("of several frames the percent is of all, the samples of one", "[report]") {
  RenderStatus status = a_status();
  status.frame = 112;
  status.frame_number = 12;
  status.frames_total = 240;
  status.frames_done = 11;
  const auto json = nlohmann::json::parse(progress_record({}, status));
  CHECK(json["percent"].get<double>() == Approx(4.7));
  CHECK(json["frame_percent"].get<double>() == Approx(34.2));
  CHECK(json["samples_per_pixel"] == 342);
  CHECK(json["frames_done"] == 11);
  CHECK(plain_text(status) == "Progress: 4% frame 112 (12 of 240)");
  CHECK(bar_text(status, 70) == "4%  48.2 Ms/s  left 0:01  net: 3 slaves, updating 1");
  status.frame_number = 240;
  status.samples_merged = status.samples_wanted;
  CHECK(percent(status) == Approx(100));
}

TEST_CASE("slaves that are connected and not refused are added up", "[report]") {
  std::vector<SlaveStatus> slaves(4);
  for (SlaveStatus& slave : slaves) {
    slave.devices.resize(2);
    slave.devices_used = 1;
    slave.bytes_total = 100;
    slave.bytes_done = 100;
  }
  slaves[0].bytes_done = 30;
  slaves[1].network_bound = true;
  slaves[2].connected = false;
  slaves[3].doing = SlaveDoing::refused;
  const NetworkTotals totals = totals_of(slaves);
  CHECK(totals.slaves == 2);
  CHECK(totals.devices == 4);
  CHECK(totals.devices_used == 2);
  CHECK(totals.slaves_updating == 1);
  CHECK(totals.slaves_updated == 1);
  CHECK(totals.bytes_pending == 70);
  CHECK(totals.bytes_total == 200);
  CHECK(totals.slaves_network_bound == 1);
}

TEST_CASE("the table of slaves has a bound, and says what it leaves out", "[report]") {
  RenderStatus status;
  status.slaves.resize(5);
  for (SlaveStatus& slave : status.slaves) slave.name = "RENDER";
  CHECK(slave_rows(status, 5).size() == 5);
  const std::vector<std::string> rows = slave_rows(status, 3);
  REQUIRE(rows.size() == 4);
  CHECK(rows[0] == "  RENDER               authenticating");
  CHECK(rows[3] == "  and 2 others");
}

TEST_CASE("records and report give a slave's and a frame's end in the documented words", "[report]") {
  SlaveStatus slave;
  slave.name = "render2";
  slave.doing = SlaveDoing::lost;
  slave.end = SlaveLoss{"connection closed", 2};
  slave.bytes_out = 7;
  const auto record = nlohmann::json::parse(slave_record({}, slave));
  CHECK(record["event"] == "slave");
  CHECK(record["state"] == "crashed");
  CHECK(record["doing"] == "lost");
  CHECK(record["reason"] == "connection closed, 2 leases returned");

  RenderOutcome outcome;
  outcome.stop_reason = StopReason::time_limit;
  outcome.slaves = {slave};
  outcome.frames.resize(2);
  outcome.frames[0].samples_merged = outcome.frames[1].samples_merged = 10;
  outcome.frames[0].film_hash = Digest{}.short_text();
  outcome.frames[1].state = FrameState::skipped;
  const auto report = nlohmann::json::parse(report_document(outcome, {"a warning"}));
  CHECK(report["stop_reason"] == "time_limit");
  CHECK(report["film_hash"].is_null());  // there are several
  CHECK(report["samples_merged"] == 20);
  CHECK(report["frames"][0]["film_hash"] == "sha256:00000000000000000000000000000000");
  CHECK(report["frames"][1]["state"] == "skipped");
  CHECK(report["slaves"][0]["end"] == "lost");
  CHECK(report["slaves"][0]["bytes_out"] == 7);
  CHECK(report["warnings"][0] == "a warning");

  const auto daemon =
      nlohmann::json::parse(daemon_slave_record({}, {"RENDER1",
                                                     "10.0.0.11",
                                                     DaemonState::bound_to_other,
                                                     DaemonOwner{"studio@WS-02", "10.0.0.104", 0, 0},
                                                     {}}));
  CHECK(daemon["state"] == "bound_to_other");
  CHECK(daemon["doing"].is_null());
  CHECK(daemon["reason"] == "studio@WS-02 (10.0.0.104)");
}
