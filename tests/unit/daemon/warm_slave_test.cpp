#include "daemon/warm_slave.hpp"

#include "support/catch.hpp"
#include "support/daemon_rig.hpp"

using namespace oct;
using test::DaemonRig;

namespace {

SlaveFacts facts_of_one_that_rests() {
  SlaveFacts facts = test::some_facts();
  facts.can_rest = true;
  return facts;
}

DaemonCoreConfig keeping(Duration time) {
  DaemonCoreConfig config = test::a_daemon();
  config.slave.warm.keep = time;
  return config;
}

/// A daemon that keeps its slave for ten minutes, and what it asks for.
struct WarmRig : DaemonRig {
  explicit WarmRig(const DaemonCoreConfig& config = test::a_daemon()) : DaemonRig(config) {
    tell(DaemonStarted{});
    tell(FactsCame{facts_of_one_that_rests(), kFile});
  }

  void slave_says(const std::string& line) { tell(SlaveWrote{run, line}); }
  /// Connection 1 has the daemon, and a slave that speaks.
  void bind() {
    hear(1, occupation());
    run = find<StartSlave>()->run;
    slave_says("progress 1");
  }
  /// The owner has gone, and the slave rests.
  void become_warm() {
    bind();
    close(1);
    slave_says("resting 0 0");
  }
  SlaveStage stage() const { return core.self().description(now()).slave_stage; }
  DaemonMode mode() const { return core.self().mode(now()); }
  /// The slave answers what it is asked, and the computer has memory, while time passes.
  void pass_well(Duration time) {
    for (Duration passed{}; passed < time; passed += seconds(1)) {
      pass(seconds(1));
      const bool asked = find<AskSlaveToRest>() != nullptr, wants_memory = find<LookAtMemory>() != nullptr;
      if (asked) slave_says("resting 0 0");
      if (wants_memory) tell(MemorySeen{8'000'000'000});
    }
  }

  SlaveRun run = 0;
};

}  // namespace

TEST_CASE("after a render a slave is kept, and the daemon is free", "[daemon]") {
  WarmRig rig;
  rig.bind();
  CHECK(rig.stage() == SlaveStage::running);
  rig.hear(1, ReleaseDaemon{}, 42);
  REQUIRE(rig.find<AskSlaveToRest>() != nullptr);
  CHECK(rig.find<AskSlaveToRest>()->run == rig.run);
  CHECK(rig.find<AskSlaveToLeave>() == nullptr);
  CHECK(rig.sent_to<DaemonReleased>(1) == nullptr);
  rig.slave_says("resting 0 0");
  REQUIRE(rig.sent_to<DaemonReleased>(1) != nullptr);
  CHECK(rig.announced("slave kept warm for 10 minutes"));
  CHECK(rig.mode() == DaemonMode::unbound);
  CHECK(rig.stage() == SlaveStage::warm);
  CHECK(rig.core.self().status(rig.now()).owner.empty());
}

TEST_CASE("the next master gets the warm slave at once", "[daemon]") {
  WarmRig rig;
  rig.become_warm();
  rig.pass_well(seconds(60));
  rig.hear(2, rig.occupation("lee@WS-02"));
  CHECK(rig.sent_to<DaemonOccupied>(2) != nullptr);
  CHECK(rig.find<StartSlave>() == nullptr);
  REQUIRE(rig.find<SendSlaveTo>() != nullptr);
  CHECK(rig.find<SendSlaveTo>()->run == rig.run);
  CHECK(rig.find<SendSlaveTo>()->number == 1);
  CHECK(rig.find<SendSlaveTo>()->target == SlaveTarget{"10.0.0.2", 21000});
  CHECK(rig.announced("bound by lee@WS-02 (10.0.0.2:21000), warm slave goes on"));
  REQUIRE(rig.sent_to<SlaveReport>(2) != nullptr);
  CHECK(rig.sent_to<SlaveReport>(2)->stage == SlaveStage::starting);
  CHECK(rig.sent_to<SlaveReport>(2)->starts == 1);
  rig.slave_says("resting 0 0");  // it was on its way
  CHECK(rig.stage() == SlaveStage::starting);
  rig.slave_says("progress 7");
  CHECK(rig.sent_to<SlaveReport>(2)->stage == SlaveStage::running);
  rig.close(2);
  rig.slave_says("resting 1 0");
  CHECK(rig.stage() == SlaveStage::warm);
}

TEST_CASE("who takes the daemon over waits only until the slave has let go", "[daemon]") {
  WarmRig rig;
  rig.bind();
  rig.hear(2, rig.occupation("lee@WS-02", true));
  CHECK(rig.sent_to<DaemonTaken>(1) != nullptr);
  CHECK(rig.find<AskSlaveToRest>() != nullptr);
  CHECK(rig.find<SendSlaveTo>() == nullptr);
  rig.slave_says("Master finished.");
  rig.slave_says("resting 0 0");
  REQUIRE(rig.find<SendSlaveTo>() != nullptr);
  CHECK(rig.find<SendSlaveTo>()->target.address == "10.0.0.2");
  CHECK(rig.core.self().description(rig.now()).log.empty());  // what it said to others is not the new owner's
}

TEST_CASE("a slave that does not let go within the grace is killed", "[daemon]") {
  WarmRig rig;
  rig.bind();
  rig.close(1);
  rig.slave_says("progress 2");
  rig.pass(milliseconds(4900));
  CHECK(rig.find<KillSlave>() == nullptr);
  rig.pass(milliseconds(200));
  REQUIRE(rig.find<KillSlave>() != nullptr);
  rig.tell(SlaveEnded{rig.run, {0, 9}});
  CHECK(rig.mode() == DaemonMode::unbound);
  CHECK_FALSE(rig.core.wake_at(rig.now()).has_value());
}

TEST_CASE("a warm slave is kept for its time and no longer", "[daemon]") {
  WarmRig rig;
  rig.become_warm();
  rig.pass_well(seconds(599));
  CHECK(rig.stage() == SlaveStage::warm);
  rig.pass(seconds(2));
  REQUIRE(rig.find<AskSlaveToLeave>() != nullptr);
  CHECK(rig.announced("warm slave ended: nobody needed it for 10 minutes"));
  CHECK(rig.mode() == DaemonMode::unbound);
  SECTION("and ends") {
    rig.tell(SlaveEnded{rig.run, {}});
    CHECK(rig.stage() == SlaveStage::ended);
    CHECK_FALSE(rig.core.wake_at(rig.now()).has_value());
  }
  SECTION("or is killed") {
    rig.pass(seconds(6));
    CHECK(rig.find<KillSlave>() != nullptr);
  }
  SECTION("and who comes meanwhile gets another one") {
    rig.hear(2, rig.occupation("lee@WS-02"));
    if (rig.find<AskFacts>() != nullptr) rig.tell(FactsCame{facts_of_one_that_rests(), DaemonRig::kFile});
    CHECK(rig.find<StartSlave>() == nullptr);
    rig.tell(SlaveEnded{rig.run, {}});
    CHECK(rig.find<StartSlave>() != nullptr);
  }
}

TEST_CASE("with --keep-warm 0, and of programs that cannot rest, no slave is kept", "[daemon]") {
  WarmRig rig(keeping(seconds(0)));
  rig.bind();
  rig.close(1);
  CHECK(rig.find<AskSlaveToLeave>() != nullptr);
  DaemonRig other;  // its facts say nothing of it
  other.become_bound();
  CHECK_FALSE(other.find<AskSlaveToRest>() != nullptr);
  other.close(1);
  CHECK(other.find<AskSlaveToLeave>() != nullptr);
}

TEST_CASE("a slave that has not spoken yet is not asked to rest", "[daemon]") {
  WarmRig rig;
  rig.hear(1, rig.occupation());
  REQUIRE(rig.find<StartSlave>() != nullptr);
  CHECK(rig.find<StartSlave>()->can_rest);
  rig.close(1);
  CHECK(rig.find<AskSlaveToLeave>() != nullptr);
}

TEST_CASE("the person at the computer gets all of it back at once", "[daemon]") {
  WarmRig rig;
  SECTION("from a warm slave") {
    rig.become_warm();
    rig.person(ControlCommand::pause, 60);
  }
  SECTION("from one that is letting go") {
    rig.bind();
    rig.close(1);
    rig.person(ControlCommand::pause, 60);
  }
  SECTION("from one that renders") {
    rig.bind();
    rig.person(ControlCommand::pause, 60);
  }
  REQUIRE(rig.find<AskSlaveToLeave>() != nullptr);
  CHECK(rig.mode() == DaemonMode::paused);
  rig.tell(SlaveEnded{rig.run, {}});
  CHECK(rig.stage() == SlaveStage::ended);
}

TEST_CASE("a daemon with a warm slave ends with it", "[daemon]") {
  WarmRig rig;
  rig.become_warm();
  rig.tell(DaemonStopAsked{});
  CHECK(rig.find<AskSlaveToLeave>() != nullptr);
  CHECK(rig.find<EndDaemon>() == nullptr);
  rig.tell(SlaveEnded{rig.run, {}});
  CHECK(rig.find<EndDaemon>() != nullptr);
}

TEST_CASE("a warm slave gives way when memory gets short", "[daemon]") {
  WarmRig rig;
  rig.become_warm();
  rig.pass(seconds(5));
  REQUIRE(rig.find<LookAtMemory>() != nullptr);
  rig.tell(MemorySeen{1ull << 30});
  CHECK(rig.stage() == SlaveStage::warm);
  rig.tell(MemorySeen{(1ull << 30) - 1});
  CHECK(rig.find<AskSlaveToLeave>() != nullptr);
  CHECK(rig.announced("warm slave ended: memory is short here, 1.1 GB are free"));
  rig.tell(SlaveEnded{rig.run, {}});
  rig.bind();  // who renders may use all of it
  rig.tell(MemorySeen{0});
  CHECK(rig.stage() == SlaveStage::running);
}

TEST_CASE("a warm slave gives way when others want its GPU", "[daemon]") {
  WarmRig rig;
  rig.become_warm();
  const auto at_rest = [&](std::uint64_t free_gpu_bytes) {
    rig.tell(SlaveWrote{rig.run, line_of(SlaveRests{0, 0, free_gpu_bytes})});
  };
  at_rest(1ull << 30);
  CHECK(rig.stage() == SlaveStage::warm);
  at_rest((1ull << 30) - 1);
  CHECK(rig.find<AskSlaveToLeave>() != nullptr);
  CHECK(rig.announced("warm slave ended: memory of its GPU is short, 1.1 GB are free"));
}

TEST_CASE("a warm slave that dies has not crashed", "[daemon]") {
  WarmRig rig;
  for (int i = 0; i < 6; ++i) {
    rig.become_warm();
    rig.tell(SlaveEnded{rig.run, {0, 9}});
    CHECK(rig.announced("warm slave ended: it ended: signal 9"));
    CHECK(rig.mode() == DaemonMode::unbound);
    CHECK(rig.stage() == SlaveStage::ended);
    CHECK_FALSE(rig.core.wake_at(rig.now()).has_value());
  }
}

TEST_CASE("a warm slave that hangs is ended", "[daemon]") {
  WarmRig rig;
  rig.become_warm();
  bool asked = false;
  for (int i = 0; i < 31 && !asked; ++i) {
    rig.pass(seconds(1));
    asked = rig.find<AskSlaveToRest>() != nullptr;
  }
  REQUIRE(asked);
  rig.pass(seconds(14));
  CHECK(rig.find<AskSlaveToLeave>() == nullptr);
  rig.pass(seconds(7));  // the second look comes later
  REQUIRE(rig.find<AskSlaveToLeave>() != nullptr);
  CHECK(rig.announced("warm slave ended: it no longer answers"));
  CHECK(rig.mode() == DaemonMode::unbound);
  rig.pass(seconds(6));
  CHECK(rig.find<KillSlave>() != nullptr);
  rig.tell(SlaveEnded{rig.run, {0, 9}});
  CHECK(rig.stage() == SlaveStage::ended);
}

TEST_CASE("silence while this program itself was stopped ends no warm slave", "[daemon]") {
  WarmRig rig;
  rig.become_warm();
  bool asked = false;
  while (!asked) {
    rig.pass(seconds(1));
    asked = rig.find<AskSlaveToRest>() != nullptr;
  }
  rig.since_start += seconds(100);  // nothing ran: no deadline was met
  rig.tell(WakeUp{});
  CHECK(rig.find<AskSlaveToLeave>() == nullptr);
  rig.slave_says("resting 0 0");  // it was in the pipe
  rig.pass(seconds(10));
  CHECK(rig.stage() == SlaveStage::warm);
}

TEST_CASE("a slave whose master has gone before its owner rests, and is sent there again", "[daemon]") {
  WarmRig rig;
  rig.bind();
  rig.slave_says("error: Connection to master 10.0.0.1:21000 lost: reset.");
  rig.slave_says("resting 0 6");
  CHECK(rig.stage() == SlaveStage::waiting);
  REQUIRE(rig.sent_to<SlaveReport>(1) != nullptr);
  CHECK(rig.sent_to<SlaveReport>(1)->reason.find("Connection to master 10.0.0.1:21000 lost") !=
        std::string::npos);
  SECTION("after a pause") {
    rig.pass(milliseconds(900));
    CHECK(rig.find<SendSlaveTo>() == nullptr);
    rig.pass(milliseconds(200));
    REQUIRE(rig.find<SendSlaveTo>() != nullptr);
    CHECK(rig.find<SendSlaveTo>()->target.address == "10.0.0.1");
    CHECK(rig.announced("slave started again"));
  }
  SECTION("unless its owner goes, too") {
    rig.close(1);
    CHECK(rig.stage() == SlaveStage::warm);
    CHECK(rig.find<AskSlaveToLeave>() == nullptr);
  }
  SECTION("unless it ends: then another one is started") {
    rig.tell(SlaveEnded{rig.run, {0, 9}});
    rig.pass(seconds(1));
    CHECK(rig.find<StartSlave>() != nullptr);
  }
}

TEST_CASE("a warm slave of another program is not used", "[daemon]") {
  WarmRig rig;
  rig.become_warm();
  rig.hear(2, rig.occupation("lee@WS-02"), 1, 8);
  REQUIRE(rig.find<AskFacts>() != nullptr);
  SECTION("that is newer") {
    rig.tell(FactsCame{facts_of_one_that_rests(), 8});
    CHECK(rig.announced("warm slave ended: the slave program has changed"));
    CHECK(rig.find<AskSlaveToLeave>() != nullptr);
    CHECK(rig.find<SendSlaveTo>() == nullptr);
    CHECK(rig.sent_to<DaemonOccupied>(2) != nullptr);
    rig.tell(SlaveEnded{rig.run, {}});
    CHECK(rig.find<StartSlave>() != nullptr);
  }
  SECTION("that is broken") {
    rig.tell(FactsCame{fail(ErrorKind::unavailable, "no memory"), 8});
    CHECK(rig.find<AskSlaveToLeave>() != nullptr);
    CHECK(rig.sent_to<OccupyRefused>(2) != nullptr);
  }
}
