#include "support/catch.hpp"
#include "support/daemon_rig.hpp"

using namespace oct;
using test::DaemonRig;

namespace {

constexpr ConnectionId kMost = kMaxPendingRequests;

}  // namespace

TEST_CASE("however short a master's deadlines, a slave may be silent for 3 s", "[daemon]") {
  DaemonRig rig;
  rig.start();
  OccupyDaemon request = rig.occupation();
  request.heartbeat_ms = 200;
  request.dead_ms = 500;
  rig.hear(1, request);
  REQUIRE(rig.find<StartSlave>() != nullptr);
  rig.tell(SlaveWrote{rig.find<StartSlave>()->run, "progress 1"});
  rig.pass(milliseconds(2900));
  CHECK(rig.find<AskSlaveToLeave>() == nullptr);
  CHECK(rig.core.self().description(rig.now()).slave_stage != SlaveStage::hung);
  rig.pass(milliseconds(1200));  // and a second look
  CHECK(rig.find<AskSlaveToLeave>() != nullptr);
  CHECK(rig.core.self().description(rig.now()).slave_stage == SlaveStage::hung);
}

TEST_CASE("only so many requests wait for the slave program's answer", "[daemon]") {
  DaemonRig rig;
  rig.tell(DaemonStarted{});
  for (ConnectionId connection = 1; connection <= kMost; ++connection) {
    rig.hear(connection, DescribeDaemon{});
    CHECK_FALSE(rig.finishes(connection));
  }
  rig.hear(kMost + 1, DescribeDaemon{});
  CHECK(rig.finishes(kMost + 1));
  rig.tell(FactsCame{test::some_facts(), DaemonRig::kFile});
  CHECK(rig.sent_to<DaemonDescription>(1) != nullptr);
  CHECK(rig.sent_to<DaemonDescription>(kMost) != nullptr);
  CHECK(rig.sent_to<DaemonDescription>(kMost + 1) == nullptr);
}

TEST_CASE("all who wait for a release are answered, but for those that left", "[daemon]") {
  DaemonRig rig;
  const SlaveRun run = rig.become_bound();
  rig.hear(1, ReleaseDaemon{}, 41);
  rig.hear(2, ReleaseDaemon{}, 42);
  rig.hear(3, ReleaseDaemon{}, 43);
  rig.close(2);
  CHECK(rig.sent_to<DaemonReleased>(1) == nullptr);
  rig.tell(SlaveEnded{run, {}});
  CHECK(rig.sent_to<DaemonReleased>(1) != nullptr);
  CHECK(rig.sent_to<DaemonReleased>(2) == nullptr);
  CHECK(rig.sent_to<DaemonReleased>(3) != nullptr);

  // They were answered once: the next slave's end tells them nothing.
  rig.hear(4, rig.occupation());
  REQUIRE(rig.find<StartSlave>() != nullptr);
  const SlaveRun next = rig.find<StartSlave>()->run;
  rig.hear(4, ReleaseDaemon{});
  rig.tell(SlaveEnded{next, {}});
  CHECK(rig.sent_to<DaemonReleased>(4) != nullptr);
  CHECK(rig.sent_to<DaemonReleased>(3) == nullptr);
}

TEST_CASE("only so many wait for a release", "[daemon]") {
  DaemonRig rig;
  const SlaveRun run = rig.become_bound();
  for (ConnectionId connection = 1; connection <= kMost; ++connection) {
    rig.hear(connection, ReleaseDaemon{});
    CHECK_FALSE(rig.finishes(connection));
  }
  rig.hear(kMost + 1, ReleaseDaemon{});
  CHECK(rig.finishes(kMost + 1));
  rig.tell(SlaveEnded{run, {}});
  CHECK(rig.sent_to<DaemonReleased>(kMost) != nullptr);
  CHECK(rig.sent_to<DaemonReleased>(kMost + 1) == nullptr);
}

TEST_CASE("only so many wait for the end of the daemon", "[daemon]") {
  DaemonRig rig;
  rig.become_bound();
  const auto stop = [&](ConnectionId connection) {
    rig.tell(PersonSaid{connection, 1, {ControlCommand::stop, 0}});
    return !rig.finishes(connection);
  };
  for (ConnectionId connection = 101; connection <= 100 + kMost; ++connection) CHECK(stop(connection));
  CHECK_FALSE(stop(101 + kMost));
}
