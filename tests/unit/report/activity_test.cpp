#include "report/activity.hpp"

#include <nlohmann/json.hpp>

#include "report/json_records.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

SlaveStatus a_slave(const std::string& name, SlaveDoing doing) {
  SlaveStatus slave;
  slave.name = name;
  slave.doing = doing;
  return slave;
}

LocalStatus a_device(bool building) {
  LocalStatus device;
  device.usable = true;
  device.building = building;
  return device;
}

std::optional<std::string> text_of(const RenderStatus& status) {
  const auto activity = activity_of(status);
  return activity ? std::optional(activity_text(*activity)) : std::nullopt;
}

DaemonUse two_missing() {
  DaemonUse use;
  use.wanted = 2;
  use.others = {{"render2", std::nullopt}, {"RENDER1", DaemonState::bound_to_other}};
  return use;
}

}  // namespace

TEST_CASE("trees are told of while no device that is here can render", "[report]") {
  RenderStatus status;
  CHECK_FALSE(activity_of(status));
  status.devices = {a_device(true), a_device(true)};
  CHECK(text_of(status) == "Building the tree");
  status.slaves = {a_slave("RENDER1", SlaveDoing::updating), a_slave("render2", SlaveDoing::building)};
  CHECK(text_of(status) == "Building the tree");
  status.slaves[0].doing = SlaveDoing::rendering;
  CHECK_FALSE(activity_of(status));
  status.slaves[0].doing = SlaveDoing::updating;
  status.devices[1].building = false;
  CHECK_FALSE(activity_of(status));
  status.devices.clear();
  CHECK(text_of(status) == "Building the tree on render2");
  status.slaves[0].doing = SlaveDoing::building;
  CHECK(text_of(status) == "Building the tree on RENDER1 and render2");
  status.slaves[1].connected = false;
  CHECK(text_of(status) == "Building the tree on RENDER1");
}

TEST_CASE("while slaves are waited for, it is said for whom", "[report]") {
  RenderStatus status;
  status.devices = {a_device(true)};
  status.waiting = SlaveWait{0, 1, two_missing(), 21000};
  CHECK(text_of(status) == "Waiting for render2 (not seen) and RENDER1 (bound to other)");
  status.waiting->daemons.coming = {{"WS-07", DaemonState::authenticating}};
  CHECK(text_of(status) ==
        "Waiting for WS-07 (authenticating), render2 (not seen) and RENDER1 (bound to other)");
  status.waiting = SlaveWait{1, 3, two_missing(), 21000};
  CHECK(text_of(status) ==
        "Waiting for render2 (not seen) and RENDER1 (bound to other); 1 of 3 slaves are here");
  status.waiting = SlaveWait{1, 3, {}, 21000};
  CHECK(text_of(status) == "Waiting for slaves on port 21000; 1 of 3 slaves are here");
  status.waiting = SlaveWait{0, 1, {}, 21000};
  CHECK(text_of(status) == "Waiting for a slave on port 21000");
  status.waiting->daemons.others.assign(60, {"R", DaemonState::crashed});
  CHECK(text_of(status)->ends_with("R (crashed), R (crashed) and 54 others"));
}

TEST_CASE("files are named while they are loaded and written", "[report]") {
  CHECK(activity_text({Activity::Kind::loading, "shot.glb"}) == "Loading shot.glb");
  CHECK(activity_text({Activity::Kind::writing, "out/shot.exr"}) == "Writing out/shot.exr");
  CHECK(activity_text({Activity::Kind::writing}) == "Writing the pictures");
}

TEST_CASE("on a terminal an activity is one line that fits, with its seconds", "[report]") {
  const Activity loading{Activity::Kind::loading, "shot.glb"};
  CHECK(activity_bar(loading, 4.9, 0, 80) == "Loading shot.glb ... 4 s");
  CHECK(activity_bar(loading, 4.9, 42.7, 80) == "42%  Loading shot.glb ... 4 s");
  CHECK(activity_bar(loading, 4.9, 0, 20) == "Loading sho ... 4 s");
  const Activity line_feed{Activity::Kind::loading, "a\nerror: b.glb"};
  CHECK(activity_bar(line_feed, 4.9, 0, 80) == "Loading a\\nerror: b.glb ... 4 s");
  const Activity waiting{Activity::Kind::waiting, {}, {}, {0, 1, two_missing(), 21000}};
  for (std::size_t width = 0; width < 100; ++width)
    CHECK(activity_bar(waiting, 1e6, 99, width).size() <= (width > 0 ? width - 1 : 0));
}

TEST_CASE("an activity is told of once it takes over a second, and from then on now and then", "[report]") {
  ActivityWatch watch;
  Instant now{};
  const Activity loading{Activity::Kind::loading, "shot.glb"};
  const Activity building{Activity::Kind::building};
  CHECK_FALSE(watch.lasts(loading, now));
  CHECK_FALSE(watch.lasts(loading, now + milliseconds(999)));
  CHECK(watch.lasts(loading, now + seconds(1)) == 1.0);
  now += seconds(1);
  CHECK(watch.is_due("Loading", seconds(5), now));
  CHECK_FALSE(watch.is_due("Loading", seconds(5), now + seconds(4)));
  CHECK(watch.is_due("Loading", seconds(5), now + seconds(5)));
  CHECK(watch.is_due("Loading more", seconds(5), now + seconds(6)));
  now += seconds(10);
  CHECK_FALSE(watch.lasts(building, now));  // each for itself
  CHECK(watch.lasts(building, now + seconds(2)) == 2.0);
  watch.over();
  CHECK_FALSE(watch.lasts(building, now + seconds(3)));
  CHECK(watch.is_due("Loading more", seconds(5), now + seconds(3)));
}

TEST_CASE("programs are told in the same words", "[report]") {
  const auto json = nlohmann::json::parse(
      activity_record({}, {Activity::Kind::waiting, {}, {}, {0, 1, two_missing(), 21000}}, 2.5));
  CHECK(json["event"] == "activity");
  CHECK(json["doing"] == "waiting");
  CHECK(json["message"] == "Waiting for render2 (not seen) and RENDER1 (bound to other)");
  CHECK(json["seconds"] == 2.5);
}
