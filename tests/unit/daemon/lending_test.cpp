#include "daemon/daemon_text.hpp"
#include "support/catch.hpp"
#include "support/daemon_rig.hpp"

using namespace oct;
using test::DaemonRig;

namespace {

constexpr unsigned kHour = 3600;

DaemonCoreConfig lent(std::optional<Duration> idle_for, const char* hours = nullptr) {
  DaemonCoreConfig config = test::a_daemon();
  config.lending.idle_for = idle_for;
  if (hours != nullptr) config.lending.hours = *daily_hours_from_text(hours);
  return config;
}

DaemonMode mode(const DaemonRig& rig) {
  return rig.core.self().mode(rig.now());
}

std::string reason(const DaemonRig& rig) {
  return rig.core.self().status(rig.now()).reason;
}

}  // namespace

TEST_CASE("a daemon without rules never looks at its computer", "[daemon]") {
  DaemonRig rig;
  rig.start();
  CHECK(rig.looks == 0);
  CHECK_FALSE(rig.core.wake_at(rig.now()).has_value());
}

TEST_CASE("a computer is lent when nobody has touched it for long enough", "[daemon]") {
  DaemonRig rig(lent(std::chrono::minutes(10)));
  CHECK(mode(rig) == DaemonMode::paused);  // as long as nobody has looked
  rig.last_input = rig.since_start;
  rig.start();
  CHECK(mode(rig) == DaemonMode::paused);
  CHECK(reason(rig) == "in use by the person who sits there");
  rig.hear(1, rig.occupation("studio@DESK", true));
  REQUIRE(rig.sent_to<OccupyRefused>(1) != nullptr);
  CHECK(rig.sent_to<OccupyRefused>(1)->refusal == OccupyRefusal::paused);
  CHECK(rig.sent_to<OccupyRefused>(1)->text == "in use by the person who sits there");
  rig.pass(seconds(595));
  CHECK(mode(rig) == DaemonMode::paused);
  rig.pass(seconds(10));
  CHECK(rig.announced("lent again"));
  CHECK(mode(rig) == DaemonMode::unbound);
  rig.hear(1, DescribeDaemon{});  // ten minutes later the slave program is asked again
  rig.tell(FactsCame{test::some_facts(), DaemonRig::kFile});
  rig.hear(1, rig.occupation());
  CHECK(rig.sent_to<DaemonOccupied>(1) != nullptr);
}

TEST_CASE("the person who comes back has the computer within seconds, and the master is told", "[daemon]") {
  DaemonRig rig(lent(std::chrono::minutes(10)));
  const SlaveRun run = rig.become_bound();
  rig.pass(seconds(3));
  rig.last_input = rig.since_start;
  rig.tell(SlaveWrote{run, "progress 2"});
  rig.pass(seconds(5));
  REQUIRE(rig.sent_to<DaemonTaken>(1) != nullptr);
  CHECK(rig.sent_to<DaemonTaken>(1)->by.empty());
  CHECK(rig.sent_to<DaemonTaken>(1)->text == "in use by the person who sits there");
  CHECK(rig.finishes(1));
  REQUIRE(rig.find<AskSlaveToLeave>() != nullptr);
  CHECK(rig.find<AskSlaveToLeave>()->run == run);
  CHECK(rig.announced("not lent: in use by the person who sits there"));
  CHECK(rig.announced("unbound: studio@DESK (in use by the person who sits there)"));
  CHECK_FALSE(rig.core.is_owner(1));
  rig.tell(SlaveEnded{run, {}});
  rig.pass(seconds(60));
  CHECK_FALSE(rig.announced("not lent"));  // said once
}

TEST_CASE("looking costs little", "[daemon]") {
  DaemonRig rig(lent(std::chrono::minutes(10)));
  rig.start();
  rig.pass(seconds(1000));
  CHECK(rig.looks <= 202);
  DaemonRig by_night(lent(std::chrono::minutes(10), "19-07"));
  by_night.start_second_of_day = 8 * kHour;
  by_night.start();
  by_night.pass(seconds(3600));
  CHECK(by_night.looks <= 62);
}

TEST_CASE("where nobody can tell whether a person is there the computer is not lent", "[daemon]") {
  DaemonRig rig(lent(std::chrono::minutes(10)));
  rig.last_input.reset();
  rig.start();
  CHECK(mode(rig) == DaemonMode::paused);
  CHECK(reason(rig) == "whether somebody uses it cannot be found out there");
}

TEST_CASE("a computer is lent in its hours alone", "[daemon]") {
  DaemonRig rig(lent({}, "19-07"));
  rig.start_second_of_day = 18 * kHour;
  CHECK(reason(rig) == "outside its hours (19-07)");
  rig.start();
  CHECK(mode(rig) == DaemonMode::paused);
  CHECK(reason(rig) == "outside its hours (19-07)");
  CHECK(rig.core.self().description(rig.now()).paused_until_unix_s == rig.now().unix_s + kHour);
  rig.pass(seconds(kHour - 1));
  CHECK(mode(rig) == DaemonMode::paused);
  rig.pass(seconds(1));
  CHECK(mode(rig) == DaemonMode::unbound);
  rig.hear(1, DescribeDaemon{});
  rig.tell(FactsCame{test::some_facts(), DaemonRig::kFile});
  rig.hear(1, rig.occupation());
  REQUIRE(rig.find<StartSlave>() != nullptr);
  const SlaveRun run = rig.find<StartSlave>()->run;
  for (unsigned second = 0; second < 12 * kHour - 30; second += 30) {
    rig.tell(SlaveWrote{run, "progress 1"});
    rig.pass(seconds(30));
    REQUIRE(rig.core.is_owner(1));
  }
  rig.tell(SlaveWrote{run, "progress 2"});
  rig.pass(seconds(30));
  REQUIRE(rig.sent_to<DaemonTaken>(1) != nullptr);
  CHECK(rig.sent_to<DaemonTaken>(1)->text == "outside its hours (19-07)");
  CHECK(rig.announced("not lent: outside its hours (19-07)"));
}

TEST_CASE("a computer that slept through the end of its hours notices soon", "[daemon]") {
  DaemonRig rig(lent({}, "19-07"));
  rig.start_second_of_day = 20 * kHour;
  rig.start();
  CHECK(mode(rig) == DaemonMode::unbound);
  rig.start_second_of_day = 8 * kHour;  // the monotonic clock stood meanwhile
  rig.pass(seconds(60));
  CHECK(mode(rig) == DaemonMode::paused);
}

TEST_CASE("hours and idleness are both wanted", "[daemon]") {
  DaemonRig rig(lent(std::chrono::minutes(10), "19-07"));
  rig.start_second_of_day = 19 * kHour - 60;
  rig.last_input = rig.since_start;
  rig.start();
  CHECK(reason(rig) == "outside its hours (19-07)");
  rig.pass(seconds(61));
  CHECK(reason(rig) == "in use by the person who sits there");
  rig.pass(seconds(600));
  CHECK(mode(rig) == DaemonMode::unbound);
}

TEST_CASE("a pause ends, the rules go on", "[daemon]") {
  DaemonRig rig(lent(std::chrono::minutes(10)));
  rig.last_input = rig.since_start;
  rig.start();
  rig.person(ControlCommand::pause, 0);
  CHECK(reason(rig) == "paused by the user");
  rig.person(ControlCommand::unpause);
  CHECK(reason(rig) == "in use by the person who sits there");
  CHECK(mode(rig) == DaemonMode::paused);
}

TEST_CASE("the window says when a computer is lent", "[daemon]") {
  CHECK(lending_line({std::chrono::minutes(1), {}}) ==
        "Lends      after 1 minute without keyboard and mouse");
  CHECK(lending_line({{}, *daily_hours_from_text("7:30-19")}) == "Lends      07:30-19");
  CHECK(lending_line({std::chrono::minutes(10), *daily_hours_from_text("19-7")}) ==
        "Lends      19-07, after 10 minutes without keyboard and mouse");
}
