#include "daemon/slave_supervisor.hpp"

#include "daemon/daemon_words.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

constexpr Duration kSilence = seconds(15);
const SlaveTarget kTarget{"10.0.0.1", 21000};

/// A slave, a clock, and what it asked for last.
struct Rig {
  template <class Action>
  const Action* find() {
    for (const DaemonAction& action : actions) {
      if (const auto* found = std::get_if<Action>(&action)) return found;
    }
    return nullptr;
  }
  void take() { actions = slave.take_actions(); }
  void want() {
    slave.want(kTarget, kSilence, now);
    take();
    if (const auto* start = find<StartSlave>()) run = start->run;
  }
  void speak(const std::string& line) { slave.wrote(run, line, now); }
  void end(SlaveExit exit) {
    slave.ended(run, exit, now);
    take();
  }
  void pass(Duration time) {
    actions.clear();
    const Instant end = now + time;
    while (slave.wake_at() && *slave.wake_at() <= end) {
      now = std::max(now, *slave.wake_at());
      slave.wake(now);
      for (DaemonAction& action : slave.take_actions()) actions.push_back(std::move(action));
    }
    now = end;
    if (const auto* start = find<StartSlave>()) run = start->run;
  }

  SlaveSupervisor slave;
  DaemonActions actions;
  Instant now{seconds(1000)};
  SlaveRun run = 0;
};

}  // namespace

TEST_CASE("a slave that speaks is running, one that is silent is hung, one that is busy is neither",
          "[daemon]") {
  Rig rig;
  rig.want();
  CHECK(rig.slave.stage() == SlaveStage::starting);
  rig.pass(seconds(50));  // a driver wakes up
  CHECK(rig.slave.stage() == SlaveStage::starting);
  rig.speak("progress 3");
  CHECK(rig.slave.stage() == SlaveStage::running);
  for (int i = 0; i < 100; ++i) {  // busy: it speaks, the number stays
    rig.pass(seconds(10));
    rig.speak("progress 3");
  }
  CHECK(rig.slave.stage() == SlaveStage::running);
  CHECK(rig.slave.progress() == 3);
  rig.pass(seconds(17));
  CHECK(rig.slave.stage() == SlaveStage::hung);
  CHECK(rig.find<AskSlaveToLeave>() != nullptr);
  CHECK(rig.find<KillSlave>() == nullptr);
  rig.pass(seconds(5));
  CHECK(rig.find<KillSlave>() != nullptr);
  rig.end({0, 9});
  CHECK(rig.slave.stage() == SlaveStage::waiting);
  CHECK(words_of(rig.slave.mishap()).find("hung: no word from it for 16 s") == 0);
  rig.pass(seconds(1));
  CHECK(rig.find<StartSlave>() != nullptr);
}

TEST_CASE("silence while this program itself was stopped is no hang", "[daemon]") {
  Rig rig;
  rig.want();
  rig.speak("progress 1");
  rig.now += seconds(100);  // nothing ran: no deadline was met
  rig.slave.wake(rig.now);
  rig.speak("progress 2");  // it was in the pipe
  rig.pass(seconds(2));
  CHECK(rig.slave.stage() == SlaveStage::running);
}

TEST_CASE("what a slave's end asks for depends on its code", "[daemon]") {
  Rig rig;
  rig.want();
  SECTION("a bug or a signal: again") {
    rig.end({1, 0});
    CHECK(rig.slave.stage() == SlaveStage::waiting);
  }
  SECTION("its master was not reached: again later, without end") {
    for (int i = 0; i < 20; ++i) {
      rig.end({6, 0});
      REQUIRE(rig.slave.stage() == SlaveStage::waiting);
      rig.pass(seconds(30));
      REQUIRE(rig.find<StartSlave>() != nullptr);
    }
  }
  SECTION("nothing that another start would change: the reason") {
    for (const int code : {2, 5, 7, 8}) {
      rig.speak("error: because");
      rig.end({code, 0});
      CHECK(rig.slave.stage() == SlaveStage::crashed);
      CHECK(words_of(rig.slave.mishap()).find("because") != std::string::npos);
      CHECK_FALSE(rig.slave.wake_at().has_value());
      rig.want();
    }
  }
}

TEST_CASE("pauses between crashes grow, and a long run forgives them", "[daemon]") {
  Rig rig;
  rig.want();
  rig.end({0, 11});
  rig.pass(milliseconds(900));
  CHECK(rig.find<StartSlave>() == nullptr);
  rig.pass(milliseconds(200));
  REQUIRE(rig.find<StartSlave>() != nullptr);
  rig.end({0, 11});
  rig.pass(milliseconds(1900));
  CHECK(rig.find<StartSlave>() == nullptr);
  rig.pass(milliseconds(200));
  REQUIRE(rig.find<StartSlave>() != nullptr);
  rig.speak("progress 1");
  for (int i = 0; i < 7; ++i) {
    rig.pass(seconds(10));
    rig.speak("progress 2");
  }
  rig.end({0, 11});
  CHECK(words_of(rig.slave.mishap()).find("starting it again in 1 s") != std::string::npos);
}

TEST_CASE("the last twenty lines are kept, heartbeats are not among them", "[daemon]") {
  Rig rig;
  rig.want();
  for (int i = 0; i < 30; ++i) {
    rig.speak("line " + std::to_string(i));
    rig.speak("progress " + std::to_string(i));
  }
  const auto log = rig.slave.log();
  REQUIRE(log.size() == kMaxLogLines);
  CHECK(log.front().text == "line 10");
  CHECK(log.back().text == "line 29");
}

TEST_CASE("progress grows over restarts", "[daemon]") {
  Rig rig;
  rig.want();
  rig.speak("progress 100");
  rig.end({1, 0});
  rig.pass(seconds(1));
  rig.speak("progress 5");
  CHECK(rig.slave.progress() == 105);
}

TEST_CASE("words of a process that is gone do not count", "[daemon]") {
  Rig rig;
  rig.want();
  const SlaveRun former = rig.run;
  rig.end({1, 0});
  rig.pass(seconds(1));
  rig.slave.wrote(former, "progress 1", rig.now);
  rig.slave.ended(former, {0, 9}, rig.now);
  CHECK(rig.slave.stage() == SlaveStage::starting);
  CHECK(rig.slave.is_alive());
}

TEST_CASE("a slave that cannot be started counts as crashed", "[daemon]") {
  Rig rig;
  rig.want();
  for (int i = 0; i < 3; ++i) {
    rig.slave.not_started(rig.run, "no such file", rig.now);
    rig.pass(seconds(8));
  }
  rig.slave.not_started(rig.run, "no such file", rig.now);
  CHECK(rig.slave.stage() == SlaveStage::crashed);
  CHECK(words_of(rig.slave.mishap()).find("no such file") != std::string::npos);
}
