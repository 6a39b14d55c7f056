#include "report/words.hpp"

#include <set>

#include "report/lines.hpp"
#include "report/slave_changes.hpp"
#include "report/warning_list.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

SlaveStatus a_slave(SlaveDoing doing) {
  SlaveStatus status;
  status.link = 1;
  status.name = "RENDER1";
  status.doing = doing;
  status.bytes_done = 120'000'000;
  status.bytes_total = 190'000'000;
  status.samples_per_second = 61.2e6;
  return status;
}

constexpr SlaveDoing kAllDoings[] = {SlaveDoing::authenticating, SlaveDoing::updating, SlaveDoing::building,
                                     SlaveDoing::rendering,      SlaveDoing::idle,     SlaveDoing::draining,
                                     SlaveDoing::silent,         SlaveDoing::refused,  SlaveDoing::lost,
                                     SlaveDoing::left,           SlaveDoing::finished};

}  // namespace

TEST_CASE("what a slave does is said as the table of the user guide has it", "[report]") {
  SlaveStatus status = a_slave(SlaveDoing::updating);
  CHECK(doing_text(status) == "updating 63 % (120 of 190 MB)");
  status.doing = SlaveDoing::rendering;
  CHECK(doing_text(status) == "rendering 61.2 Ms/s");
  status.samples_per_second = 12'000;
  CHECK(doing_text(status) == "rendering 0.012 Ms/s");
  status.samples_per_second = 61.2e6;
  status.network_bound = true;
  CHECK(doing_text(status) == "rendering 61.2 Ms/s, network-bound");
  status.doing = SlaveDoing::silent;
  status.silent_for = 4.2;
  CHECK(doing_text(status) == "silent for 4 s");
  status.doing = SlaveDoing::lost;
  status.end = SlaveLoss{"connection closed", 2};
  CHECK(doing_text(status) == "lost: connection closed, 2 leases returned");
  status.doing = SlaveDoing::refused;
  status.end = SlaveRefusal{RefusalReason::other_version, 999002, 1000000, {}, {}};
  CHECK(doing_text(status) == "refused: slave version 999002, this master is 1000000");
  status.doing = SlaveDoing::left;
  status.end = SlaveFault{SlaveFault::Kind::wrong_device, "GPU 1 X", {DeviceCheck::audit}};
  CHECK(doing_text(status) == "left: GPU 1 X: a unit it rendered differs from the reference's render of it");
  CHECK(doing_text(a_slave(SlaveDoing::left)) == "left");
}

TEST_CASE("small sizes have their digits", "[report]") {
  SlaveStatus status = a_slave(SlaveDoing::updating);
  status.bytes_done = 12'000;
  status.bytes_total = 300'000;
  CHECK(doing_text(status) == "updating 4 % (0.012 of 0.3 MB)");
}

TEST_CASE("every kind of doing has a word of its own and a state of the daemons' vocabulary", "[report]") {
  std::set<std::string> words;
  for (const SlaveDoing doing : kAllDoings) {
    words.insert(doing_word(doing));
    CHECK(doing_text(a_slave(doing)).starts_with(doing_word(doing)));
  }
  CHECK(words.size() == std::size(kAllDoings));
  CHECK(std::string(state_word(SlaveDoing::idle)) == "running");
  CHECK(std::string(state_word(SlaveDoing::refused)) == "invalid_version");
  CHECK(std::string(state_word(SlaveDoing::lost)) == "crashed");
  CHECK(std::string(end_word(a_slave(SlaveDoing::rendering))) == "finished");
  SlaveStatus stolen = a_slave(SlaveDoing::lost);
  CHECK(std::string(end_word(stolen)) == "lost");
  stolen.stolen = true;
  CHECK(std::string(end_word(stolen)) == "stolen");
}

TEST_CASE("events of a slave come when it begins something, and once", "[report]") {
  SlaveChanges changes;
  CHECK(changes.new_event(a_slave(SlaveDoing::authenticating)).empty());
  SlaveStatus update = a_slave(SlaveDoing::updating);
  update.bytes_done = 0;
  CHECK(changes.new_event(update).empty());  // it may have most of it from an earlier render
  update.update_known = true;
  update.bytes_done = 189'900'000;
  CHECK(changes.new_event(update) == "RENDER1: updating 0.1 MB");
  update.bytes_done = 189'950'000;
  CHECK(changes.new_event(update).empty());  // once
  SlaveStatus updating = a_slave(SlaveDoing::updating);
  updating.bytes_total = 180'000'000;  // it is known better now
  CHECK(changes.new_event(updating).empty());
  SlaveStatus status = a_slave(SlaveDoing::rendering);
  status.devices.resize(1);
  CHECK(changes.new_event(status) == "RENDER1: rendering (CPU)");
  status.devices.resize(2);
  status.devices[0].kind = DeviceKind::cuda;
  CHECK(changes.new_event(status) == "RENDER1: rendering (2 devices)");
  status.devices[0].kind = status.devices[1].kind = DeviceKind::cuda;
  CHECK(changes.new_event(status) == "RENDER1: rendering (2 GPUs)");
  status.doing = SlaveDoing::silent;
  status.silent_for = 4;
  CHECK(changes.new_event(status) == "RENDER1: silent for 4 s");
  status.silent_for = 5;
  CHECK(changes.new_event(status).empty());
  CHECK(changes.new_event(a_slave(SlaveDoing::lost)).empty());  // people were warned
  status.link = 2;
  CHECK(changes.new_event(status) == "RENDER1: silent for 5 s");
}

TEST_CASE("programs get a record for each change and each tenth of an update", "[report]") {
  SlaveChanges changes;
  SlaveStatus status = a_slave(SlaveDoing::updating);
  CHECK(changes.is_new_record(status));
  status.bytes_done += 1'000'000;
  CHECK_FALSE(changes.is_new_record(status));
  status.bytes_done += 19'000'000;
  CHECK(changes.is_new_record(status));
  status.doing = SlaveDoing::rendering;
  CHECK(changes.is_new_record(status));
  status.network_bound = true;
  CHECK(changes.is_new_record(status));
  CHECK_FALSE(changes.is_new_record(status));
}

TEST_CASE("notices say who, what, why and what helps", "[report]") {
  const PeerName slave{"WS-07", "10.0.0.17"};
  Phrase words = phrase(
      notice::SlaveRefused{slave, {RefusalReason::other_version, 999002, 1000000, Digest{}, Digest{}}});
  CHECK(words.level == LogLevel::warning);
  CHECK(words.text == "WS-07 (10.0.0.17): refused, slave version 999002, this master is 1000000");
  CHECK(words.help == "copy this release folder to WS-07");
  CHECK(phrase(notice::SlaveRefused{slave, {RefusalReason::full, 0, 0, {}, {}}}).help.empty());
  words = phrase(notice::SlaveDisconnected{{"", "10.0.0.17"}, {SlaveFault::Kind::no_hello}});
  CHECK(words.text == "10.0.0.17: disconnected, it did not say hello first");
  words = phrase(notice::SlaveLost{"WS-07", {"silent for 15.0 s", 0, true}, "10.0.0.17"});
  CHECK(words.text ==
        "WS-07: lost at updating 0 %: silent for 15.0 s, 0 leases returned; large packets may vanish on the "
        "way (MTU)");
  CHECK(words.help == "octane_master doctor 10.0.0.17   tests it");
  words = phrase(notice::SlaveLost{"WS-07", {"silent for 15.0 s", 2, false, true}, "10.0.0.17"});
  CHECK(words.text ==
        "WS-07: lost before its first result: silent for 15.0 s, 2 leases returned; large packets may vanish "
        "on the "
        "way (MTU)");
  words = phrase(notice::SlaveLost{"WS-07", {"silent for 15.0 s", 0, false, false, 3}, "10.0.0.17"});
  CHECK(
      words.text ==
      "WS-07: lost at updating 3 %, where nothing more arrived: silent for 15.0 s, 0 leases returned; large "
      "packets may vanish on the way (MTU)");
  CHECK(words.help == "octane_master doctor 10.0.0.17   tests it");
  CHECK(phrase(notice::StrangersSentAway{137, 1}).text ==
        "137 more connections were sent away, from 1 address");
  words = phrase(notice::SlaveLost{"WS-07", {"connection closed", 1}});
  CHECK(words.text == "WS-07: lost: connection closed, 1 lease returned");
  words = phrase(notice::DaemonsNeverSeen{{"RENDER9"}});
  CHECK(words.text == "RENDER9 was wanted by name, and was not seen during this render");
  CHECK(words.help ==
        "octane_master doctor RENDER9   says why; octane_master daemons list   shows who is there");
  words = phrase(notice::DaemonsNeverSeen{{"RENDER9", "10.0.0.7"}});
  CHECK(words.text == "RENDER9 and 10.0.0.7 were wanted by name, and were not seen during this render");
  words = phrase(notice::SlaveTakenOver{"WS-07", {"studio@WS-02", "10.0.0.104", 0, 0}, 2});
  CHECK(words.text == "WS-07 was taken over by studio@WS-02; its 2 leases returned to the pool");

  words = phrase(notice::DeviceRefused{"WS-07", "10.0.0.17", "GPU 1", {DeviceCheck::audit}, 12});
  CHECK(words.text ==
        "WS-07 (10.0.0.17): GPU 1 is not used: a unit it rendered differs from the reference's render of it; "
        "the 12 units that it had rendered are rendered again");
  words = phrase(notice::EarlierDeviceRefused{7});
  CHECK(words.text ==
        "a device of an earlier run of this render is shut out: a unit it rendered differs from the "
        "reference's "
        "render of it; the 7 tiles that it had a part in are rendered again");
  CHECK(words.level == LogLevel::warning);
  CHECK(phrase(notice::EarlierDeviceRefused{1})
            .text.ends_with("; the 1 tile that it had a part in is rendered again"));
  CHECK(phrase(notice::DeviceRefused{"", "", "GPU 1", {DeviceCheck::canary}}).text ==
        "GPU 1 is not used: it computes the built-in test render differently");
  words = phrase(notice::DeviceRefused{"WS-07", "10.0.0.17", "GPU 1", {DeviceCheck::audit, true}});
  CHECK(words.text ==
        "WS-07 (10.0.0.17): GPU 1 is not used: a device of the same computer, number and name was shut out "
        "before: a unit it rendered differs from the reference's render of it");
  CHECK(words.help ==
        "check its driver, clocks and memory; if it has taken the place of one that was faulty, the next "
        "render "
        "uses it");
  words = phrase(notice::PeerSentAway{{"", "10.0.0.5"}, {ErrorKind::protocol, "it speaks HTTP"}});
  CHECK(words.level == LogLevel::info);
  CHECK(words.text == "10.0.0.5 was sent away: it speaks HTTP");
  words = phrase(notice::PeerSentAway{slave, {ErrorKind::incompatible, "refused by us", "activate it"}});
  CHECK(words.text == "WS-07 (10.0.0.17): refused by us");
  CHECK(words.help == "activate it");
}

TEST_CASE("a black picture is told what brightens it, if anything does", "[report]") {
  CHECK(phrase(notice::PictureAlmostBlack{"80"}).help ==
        "--imager-exposure 80 brightens it, --environment FILE or --neutral-light on lights the scene");
  CHECK(phrase(notice::PictureAlmostBlack{}).help ==
        "--environment FILE or --neutral-light on lights the scene");
}

TEST_CASE("what stops a render goes to stdout, what goes on is an event", "[report]") {
  Phrase words = phrase(notice::Stopping{3});
  CHECK(words.is_result);
  CHECK(words.text == "Stopping: 3 leases under way (CTRL-C again ends at once)");
  words = phrase(notice::WritingPictures{});
  CHECK(words.is_result);
  CHECK(words.text == "Writing the pictures; nothing is missing (CTRL-C again ends at once)");
  words = phrase(notice::CheckpointWritten{"out/shot.0012.octcheck", 619, 1000, true});
  CHECK(words.is_result);
  CHECK(words.text ==
        "Checkpoint out/shot.0012.octcheck: 61 %. help: the same command with --resume goes on.");
  CHECK(phrase(notice::CheckpointWritten{"a.octcheck", 9, 1000}).text == "Checkpoint a.octcheck: 0 %.");
  CHECK(phrase(notice::FilmResumed{"a.octcheck", 999, 1000}).text ==
        "Resuming a.octcheck: 99 % of the samples are there");
  CHECK_FALSE(phrase(notice::CheckpointWritten{"a.octcheck", 612, 1000, false}).is_result);
  const notice::FilmKept kept{{ErrorKind::output, "a.png: No space left on device", "make room there"},
                              "/tmp/a.octcheck"};
  words = phrase(kept);
  CHECK(words.level == LogLevel::warning);
  CHECK(words.text == "a.png: No space left on device; the film is kept in /tmp/a.octcheck");
  CHECK(
      words.help ==
      "make room there, then the same command with --resume --checkpoint /tmp/a.octcheck writes the picture "
      "without "
      "rendering again");
  CHECK(film_kept_error(kept).kind == ErrorKind::output);
  notice::FilmKept of_frame = kept;
  of_frame.output = "out/shot.0012.png";
  CHECK(film_kept_error(of_frame).help ==
        "make room there, then octane_master resolve /tmp/a.octcheck -o out/shot.0012.png writes the picture "
        "without rendering again");
  notice::CheckpointWritten elsewhere{"/tmp/a.octcheck", 612, 1000, true};
  elsewhere.place = notice::CheckpointWritten::Place::elsewhere;
  CHECK(phrase(elsewhere).text ==
        "Checkpoint /tmp/a.octcheck: 61 %. help: the same command with --resume --checkpoint /tmp/a.octcheck "
        "goes on.");
  elsewhere.samples_per_pixel = 61;
  elsewhere.place = notice::CheckpointWritten::Place::of_frame;
  CHECK(phrase(elsewhere).text ==
        "Checkpoint /tmp/a.octcheck: 61 spp. help: octane_master resolve /tmp/a.octcheck -o FILE makes a "
        "picture of it.");
  CHECK(film_kept_error({{ErrorKind::output, "a.png: odd"}, "a.octcheck"})
            .help.starts_with("the same command"));
}

TEST_CASE("a render that cannot go on says why, with the kind that its exit code follows from", "[report]") {
  const Error missing = slaves_missing_error(3, 1, 120);
  CHECK(missing.kind == ErrorKind::unavailable);
  CHECK(missing.message == "--net-wait 3: only 1 slave came within 120 s");
  CHECK(device_refused_error("GPU 0", {DeviceCheck::audit}).kind == ErrorKind::exhausted);
  CHECK(device_refused_error("GPU 0", {DeviceCheck::audit}).message ==
        "GPU 0: a unit it rendered differs from the reference's render of it");
  CHECK(no_device_error().kind == ErrorKind::exhausted);
}

TEST_CASE("daemons that are wanted are counted, and those that do not help are named", "[report]") {
  DaemonUse use;
  CHECK(using_text(use).empty());
  use.wanted = 2;
  use.others = {{"RENDER1", DaemonState::bound_to_other}, {"render2", std::nullopt}};
  CHECK(using_text(use) == "using 0 of 2 enabled daemons");
  CHECK(usable_text(use) == "0 of 2 enabled daemons are usable (RENDER1 bound to other, render2 not seen)");
  CHECK(phrase(notice::WaitingForSlaves{use, 21000}).text == "Waiting for a slave: " + usable_text(use));
  CHECK(phrase(notice::WaitingForSlaves{{}, 21000}).text ==
        "Waiting for a slave: none is connected to port 21000, and no daemon is enabled");
}

TEST_CASE("a report lists a warning once, with its count, and a thousand at most", "[report]") {
  WarningList list;
  for (std::size_t i = 0; i < WarningList::kMostWarnings; ++i) {
    list.add("warning " + std::to_string(i));
    list.add("warning 0");
  }
  list.add("one too many");
  list.add("and another");
  const std::vector<std::string> lines = list.lines();
  REQUIRE(lines.size() == WarningList::kMostWarnings + 1);
  CHECK(lines[0] == "warning 0 (1001 times)");
  CHECK(lines[1] == "warning 1");
  CHECK(lines.back() == "and 2 others");
}

TEST_CASE("the summary has the lines of one frame, or counts those of many", "[report]") {
  RenderOutcome outcome;
  outcome.seconds = 4;
  outcome.frames.resize(1);
  FrameOutcome& frame = outcome.frames[0];
  frame.samples_per_pixel = 256;
  frame.samples_wanted = frame.samples_merged = 256'000'000;
  frame.outputs = {"demo.png"};
  frame.film_hash = Digest{}.short_text();
  frame.state = FrameState::done;
  std::vector<std::string> lines = summary_lines(outcome, "DESK");
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "Picture    demo.png");
  CHECK(lines[1] == "Summary    256 spp in 4.0 s, 64.0 Ms/s; samples wanted 256000000 = merged 256000000");
  CHECK(lines[2] == "Film hash  sha256:00000000000000000000000000000000");

  frame.samples_merged = 128'000'000;
  CHECK(summary_lines(outcome, "DESK")[1] ==
        "Summary    128 of 256 spp in 4.0 s, 32.0 Ms/s; samples wanted 256000000, merged 128000000");

  outcome.network = true;
  outcome.devices.resize(1);
  outcome.devices[0].info.kind = DeviceKind::cuda;
  outcome.devices[0].samples = 32'000'000;
  outcome.slaves = {a_slave(SlaveDoing::finished), a_slave(SlaveDoing::refused)};
  outcome.slaves[0].samples = 96'000'000;
  outcome.slaves[0].bytes_out = 122'000'000;
  outcome.slaves[1].bytes_in = 88'000'000;
  CHECK(summary_lines(outcome, "DESK").back() ==
        "Shares     DESK GPU 0 25 %, RENDER1 75 %          sent 122 MB, received 88 MB");

  frame.samples_merged = frame.samples_wanted;
  outcome.frames.resize(2);
  outcome.frames[0].state = FrameState::done;
  outcome.frames[1].state = FrameState::failed;
  outcome.frames[1].error = Error{ErrorKind::output, "b.png: disk full"};
  lines = summary_lines(outcome, "DESK");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].starts_with("Summary    1 of 2 frames in 0:04, "));
  CHECK(frame_line(outcome.frames[1], 2, 2) ==
        fmt::format("Frame 2/2   frame {} failed: b.png: disk full", outcome.frames[1].frame));
  outcome.frames[0].seconds = 4.1;
  FrameOutcome adaptive = outcome.frames[0];
  adaptive.least_samples_per_pixel = 64;
  adaptive.pixels = adaptive.samples_merged / 100;
  CHECK(frame_line(adaptive, 1, 2)
            .starts_with("Frame 1/2   demo.png   64 to 256 spp (100 on average)   4.1 s"));
  CHECK(frame_line(outcome.frames[0], 1, 2) ==
        "Frame 1/2   demo.png   256 spp   4.1 s   sha256:00000000000000000000000000000000");
}

TEST_CASE("the network line names whom the master serves", "[report]") {
  NetworkSummary network;
  network.port = 21000;
  CHECK(network_line(network) == "Network    port 21000, not activated: slaves on this computer only");
  network.insecure = true;
  CHECK(network_line(network) == "Network    port 21000, open to this whole network (--net-insecure)");
  network.farm = "7F3AC2";
  network.daemons.usable = network.daemons.wanted = 2;
  CHECK(network_line(network) == "Network    port 21000, farm 7F3AC2, using 2 of 2 enabled daemons");
}

TEST_CASE("the devices line names what renders, and what could", "[report]") {
  DevicePlan plan;
  CHECK(devices_line(plan) == "Devices    none of this computer (--no-local)");
  plan.cpu = true;
  plan.threads = {1, 1, ThreadLimit::Cap::none};
  plan.no_gpu_reason = "no driver";
  CHECK(devices_line(plan) == "Devices    CPU, 1 thread (no CUDA GPU: no driver)");
  plan.gpus = {{DeviceKind::cuda, 0, "A", 24'000'000'000, 0}, {DeviceKind::cuda, 2, "B", 11'600'000'000, 0}};
  plan.threads = {16, 16, ThreadLimit::Cap::none};
  CHECK(devices_line(plan) == "Devices    GPU 0 A (24 GB)   GPU 2 B (12 GB)   CPU, 16 threads");
  plan.threads = {6, 64, ThreadLimit::Cap::group_quota};
  CHECK(devices_line(plan) ==
        "Devices    GPU 0 A (24 GB)   GPU 2 B (12 GB)   CPU, 6 threads (of 64: cgroup quota)");
  plan.cpu = false;
  CHECK(devices_line(plan) == "Devices    GPU 0 A (24 GB)   GPU 2 B (12 GB)   CPU idle (--cpu adds it)");
}
