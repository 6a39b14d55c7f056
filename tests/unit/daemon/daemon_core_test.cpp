#include "daemon/daemon_core.hpp"

#include "support/catch.hpp"
#include "support/daemon_rig.hpp"

using namespace oct;
using test::DaemonRig;

TEST_CASE("a free daemon is occupied, and its slave sent to the address that asked", "[daemon]") {
  DaemonRig rig;
  rig.start();
  CHECK(rig.core.self().mode(rig.now()) == DaemonMode::unbound);
  rig.hear(1, rig.occupation());
  REQUIRE(rig.sent_to<DaemonOccupied>(1) != nullptr);
  REQUIRE(rig.find<StartSlave>() != nullptr);
  CHECK(rig.find<StartSlave>()->target == SlaveTarget{"10.0.0.1", 21000});
  CHECK(rig.announced("bound by studio@DESK (10.0.0.1:21000), slave started"));
  CHECK(rig.core.self().mode(rig.now()) == DaemonMode::bound);
  const DaemonStatus status = rig.core.self().status(rig.now());
  REQUIRE(status.owner.size() == 1);
  CHECK(status.owner[0].nick == "studio@DESK");
  CHECK(status.owner[0].address == "10.0.0.1");
  CHECK(status.owner[0].since_unix_s == DaemonRig::kStartUnix + 1000);
  CHECK(status.gpus == 2);
}

TEST_CASE("the master's deadlines hold, within reason", "[daemon]") {
  DaemonRig rig;
  rig.start();
  OccupyDaemon request = rig.occupation();
  request.heartbeat_ms = 200;
  request.dead_ms = 1000;
  rig.hear(1, request);
  REQUIRE(rig.find<SetDeadlines>() != nullptr);
  CHECK(rig.find<SetDeadlines>()->heartbeat == milliseconds(200));
  CHECK(rig.find<SetDeadlines>()->dead == milliseconds(1000));
  request.dead_ms = 1;
  rig.hear(1, request);
  CHECK(rig.find<SetDeadlines>()->dead == milliseconds(400));
}

TEST_CASE("an occupied daemon refuses a second master and names the first", "[daemon]") {
  DaemonRig rig;
  rig.become_bound();
  rig.hear(2, rig.occupation("lee@WS-02"));
  const auto* refused = rig.sent_to<OccupyRefused>(2);
  REQUIRE(refused != nullptr);
  CHECK(refused->refusal == OccupyRefusal::bound_to_other);
  REQUIRE(refused->owner.size() == 1);
  CHECK(refused->owner[0].nick == "studio@DESK");
  CHECK(refused->text == "bound to studio@DESK (10.0.0.1:21000)");
  CHECK(rig.core.is_owner(1));
}

TEST_CASE("when the owner's connection closes the slave leaves and the daemon is free", "[daemon]") {
  DaemonRig rig;
  const SlaveRun run = rig.become_bound();
  SECTION("in order") {
    rig.close(1);
    CHECK(rig.announced("unbound: studio@DESK finished"));
  }
  SECTION("or not") {
    rig.close(1, ErrorKind::timed_out);
    CHECK(rig.announced("unbound: studio@DESK is gone (silent for 15.0 s)"));
  }
  REQUIRE(rig.find<AskSlaveToLeave>() != nullptr);
  CHECK(rig.find<AskSlaveToLeave>()->run == run);
  CHECK(rig.core.self().mode(rig.now()) == DaemonMode::unbound);
  rig.tell(SlaveEnded{run, {}});
  CHECK(rig.core.self().status(rig.now()).owner.empty());
  CHECK_FALSE(rig.core.wake_at(rig.now()).has_value());
  CHECK(rig.core.self().description(rig.now()).slave_stage == SlaveStage::ended);
}

TEST_CASE("a slave that does not leave within the grace is killed", "[daemon]") {
  DaemonRig rig;
  const SlaveRun run = rig.become_bound();
  rig.close(1);
  rig.pass(milliseconds(4900));
  CHECK(rig.find<KillSlave>() == nullptr);
  rig.pass(milliseconds(200));
  REQUIRE(rig.find<KillSlave>() != nullptr);
  CHECK(rig.find<KillSlave>()->run == run);
}

TEST_CASE("the next owner's slave starts when the former owner's has ended", "[daemon]") {
  DaemonRig rig;
  const SlaveRun run = rig.become_bound();
  rig.close(1);
  rig.hear(2, rig.occupation("lee@WS-02"));
  CHECK(rig.sent_to<DaemonOccupied>(2) != nullptr);
  CHECK(rig.find<StartSlave>() == nullptr);
  rig.tell(SlaveEnded{run, {}});
  REQUIRE(rig.find<StartSlave>() != nullptr);
  CHECK(rig.find<StartSlave>()->target.address == "10.0.0.2");
  CHECK(rig.announced("bound by lee@WS-02"));
}

TEST_CASE("a release is answered when the slave has ended", "[daemon]") {
  DaemonRig rig;
  const SlaveRun run = rig.become_bound();
  rig.hear(1, ReleaseDaemon{}, 42);
  CHECK(rig.sent_to<DaemonReleased>(1) == nullptr);
  rig.tell(SlaveEnded{run, {}});
  REQUIRE(rig.sent_to<DaemonReleased>(1) != nullptr);
  CHECK(rig.find<SendTo>()->request == 42);
  rig.hear(1, ReleaseDaemon{}, 43);  // it is free already
  CHECK(rig.sent_to<DaemonReleased>(1) != nullptr);
}

TEST_CASE("who steals a daemon keeps it for a moment, and the robbed is told by whom", "[daemon]") {
  DaemonRig rig;
  const SlaveRun run = rig.become_bound();
  rig.hear(2, StealDaemon{"lee@WS-02"});
  const auto* taken = rig.sent_to<DaemonTaken>(1);
  REQUIRE(taken != nullptr);
  REQUIRE(taken->by.size() == 1);
  CHECK(taken->by[0].nick == "lee@WS-02");
  CHECK(taken->by[0].address == "10.0.0.2");
  CHECK(rig.finishes(1));
  CHECK(rig.sent_to<DaemonReleased>(2) == nullptr);
  rig.tell(SlaveEnded{run, {}});
  CHECK(rig.sent_to<DaemonReleased>(2) != nullptr);

  rig.hear(3, rig.occupation("eve@WS-03"));
  REQUIRE(rig.sent_to<OccupyRefused>(3) != nullptr);
  CHECK(rig.sent_to<OccupyRefused>(3)->refusal == OccupyRefusal::reserved);
  CHECK(rig.sent_to<OccupyRefused>(3)->owner.at(0).nick == "lee@WS-02");
  rig.hear(3, rig.occupation("lee@WS-02"));  // the name alone is not enough
  CHECK(rig.sent_to<OccupyRefused>(3) != nullptr);
  rig.hear(3, StealDaemon{"eve@WS-03"});
  CHECK(rig.sent_to<OccupyRefused>(3) != nullptr);

  SECTION("its user may have it") {
    rig.hear(2, rig.occupation("lee@WS-02"));
    CHECK(rig.sent_to<DaemonOccupied>(2) != nullptr);
  }
  SECTION("after 30 s everybody may") {
    rig.pass(seconds(31));
    rig.hear(3, rig.occupation("eve@WS-03"));
    CHECK(rig.sent_to<DaemonOccupied>(3) != nullptr);
  }
}

TEST_CASE("an occupation that steals takes over at once", "[daemon]") {
  DaemonRig rig;
  const SlaveRun run = rig.become_bound();
  rig.hear(2, rig.occupation("lee@WS-02", true));
  CHECK(rig.sent_to<DaemonTaken>(1) != nullptr);
  CHECK(rig.sent_to<DaemonOccupied>(2) != nullptr);
  CHECK(rig.core.is_owner(2));
  CHECK(rig.announced("unbound: studio@DESK taken over by lee@WS-02 (10.0.0.2:21000)"));
  rig.close(1);  // the robbed goes; the new owner stays
  CHECK(rig.core.is_owner(2));
  rig.tell(SlaveEnded{run, {}});
  CHECK(rig.find<StartSlave>() != nullptr);
}

TEST_CASE("the same master may come again while its former connection is still there", "[daemon]") {
  DaemonRig rig;
  rig.start();
  const auto said = [&](ConnectionId from, const std::string& nick) {
    rig.tell(MasterSaid{from, 1, "10.0.0.1", DaemonMessage(rig.occupation(nick)), DaemonRig::kFile});
  };
  said(1, "studio@DESK");
  said(2, "other@DESK");
  CHECK(rig.sent_to<OccupyRefused>(2) != nullptr);
  said(3, "studio@DESK");
  CHECK(rig.sent_to<DaemonOccupied>(3) != nullptr);
  CHECK(rig.finishes(1));
}

TEST_CASE("the person at the computer takes it back, and gives it again", "[daemon]") {
  DaemonRig rig;
  const SlaveRun run = rig.become_bound();
  rig.person(ControlCommand::pause, 60);
  REQUIRE(rig.sent_to<DaemonTaken>(1) != nullptr);
  CHECK(rig.sent_to<DaemonTaken>(1)->by.empty());
  CHECK(rig.sent_to<DaemonTaken>(1)->text.find("paused by the user until ") == 0);
  CHECK(rig.find<AskSlaveToLeave>()->run == run);
  REQUIRE(rig.sent_to<ControlAnswer>(99) != nullptr);
  CHECK(rig.sent_to<ControlAnswer>(99)->description.at(0).mode == DaemonMode::paused);
  rig.tell(SlaveEnded{run, {}});
  rig.hear(2, rig.occupation("lee@WS-02", true));
  REQUIRE(rig.sent_to<OccupyRefused>(2) != nullptr);
  CHECK(rig.sent_to<OccupyRefused>(2)->refusal == OccupyRefusal::paused);
  SECTION("by a word") {
    rig.person(ControlCommand::unpause);
  }
  SECTION("or when the hour is over") {
    rig.pass(seconds(3599));
    CHECK(rig.core.self().mode(rig.now()) == DaemonMode::paused);
    rig.pass(seconds(2));
    CHECK(rig.announced("the pause is over"));
    rig.hear(3, DescribeDaemon{});  // an hour later the slave program is asked again
    rig.tell(FactsCame{test::some_facts(), DaemonRig::kFile});
  }
  rig.hear(2, rig.occupation("lee@WS-02"));
  CHECK(rig.sent_to<DaemonOccupied>(2) != nullptr);
}

TEST_CASE("a pause of 0 minutes lasts", "[daemon]") {
  DaemonRig rig;
  rig.start();
  rig.person(ControlCommand::pause, 0);
  rig.pass(seconds(1'000'000));
  CHECK(rig.core.self().mode(rig.now()) == DaemonMode::paused);
  CHECK_FALSE(rig.core.wake_at(rig.now()).has_value());
  CHECK(rig.core.self().description(rig.now()).paused_until_unix_s == 0);
}

TEST_CASE("a daemon that is told to stop ends when its slave has", "[daemon]") {
  DaemonRig rig;
  const SlaveRun run = rig.become_bound();
  rig.person(ControlCommand::stop);
  CHECK(rig.sent_to<DaemonTaken>(1) != nullptr);
  CHECK(rig.find<EndDaemon>() == nullptr);
  rig.hear(2, rig.occupation());
  CHECK(rig.sent_to<OccupyRefused>(2)->refusal == OccupyRefusal::ending);
  rig.tell(SlaveEnded{run, {}});
  CHECK(rig.sent_to<ControlAnswer>(99) != nullptr);
  CHECK(rig.find<EndDaemon>() != nullptr);
}

TEST_CASE("without a working slave a daemon says why, and asks it again", "[daemon]") {
  DaemonRig rig;
  rig.tell(DaemonStarted{});
  REQUIRE(rig.find<AskFacts>() != nullptr);
  rig.tell(FactsCame{fail(ErrorKind::unavailable, "octane_slave cannot be started: not there"), 0});
  CHECK(rig.find<ShowFacts>() != nullptr);
  CHECK(rig.core.self().mode(rig.now()) == DaemonMode::no_slave);
  rig.hear(1, rig.occupation(), 1, 0);
  REQUIRE(rig.sent_to<OccupyRefused>(1) != nullptr);
  CHECK(rig.sent_to<OccupyRefused>(1)->refusal == OccupyRefusal::no_slave);
  CHECK(rig.sent_to<OccupyRefused>(1)->text.find("not there") != std::string::npos);
  rig.pass(seconds(11));
  CHECK(rig.find<AskFacts>() != nullptr);
  rig.tell(FactsCame{fail(ErrorKind::unavailable, "still not"), 0});
  CHECK(rig.find<ShowFacts>() == nullptr);  // no news
  rig.pass(seconds(11));
  CHECK(rig.find<AskFacts>() == nullptr);  // pauses grow
  rig.hear(1, rig.occupation(), 2, 5);     // there is a file now
  CHECK(rig.find<AskFacts>() != nullptr);
  CHECK(rig.sent_to<OccupyRefused>(1) == nullptr);
  rig.tell(FactsCame{test::some_facts(), 5});
  CHECK(rig.sent_to<DaemonOccupied>(1) != nullptr);
}

TEST_CASE("the slave program is asked again when it changed or ten minutes passed, never while one runs",
          "[daemon]") {
  DaemonRig rig;
  rig.start();
  rig.hear(1, DescribeDaemon{});
  CHECK(rig.find<AskFacts>() == nullptr);
  CHECK(rig.sent_to<DaemonDescription>(1) != nullptr);
  rig.pass(seconds(601));
  rig.hear(1, DescribeDaemon{});
  CHECK(rig.find<AskFacts>() != nullptr);
  CHECK(rig.sent_to<DaemonDescription>(1) == nullptr);
  rig.hear(2, DescribeDaemon{});
  CHECK(rig.find<AskFacts>() == nullptr);  // it is being asked
  rig.tell(FactsCame{test::some_facts(), DaemonRig::kFile});
  CHECK(rig.sent_to<DaemonDescription>(1) != nullptr);
  CHECK(rig.sent_to<DaemonDescription>(2) != nullptr);
  rig.hear(1, DescribeDaemon{}, 1, 8);
  CHECK(rig.find<AskFacts>() != nullptr);
  rig.tell(FactsCame{test::some_facts(), 8});
  rig.hear(1, rig.occupation(), 1, 8);
  rig.pass(seconds(30));
  rig.hear(2, DescribeDaemon{}, 1, 9);
  CHECK(rig.find<AskFacts>() == nullptr);
  CHECK(rig.sent_to<DaemonDescription>(2) != nullptr);
}

TEST_CASE("whoever asked and left while the slave program was asked is forgotten", "[daemon]") {
  DaemonRig rig;
  rig.tell(DaemonStarted{});
  rig.hear(1, rig.occupation());
  rig.close(1);
  rig.tell(FactsCame{test::some_facts(), DaemonRig::kFile});
  CHECK(rig.find<StartSlave>() == nullptr);
  CHECK_FALSE(rig.core.is_owner(1));
}

TEST_CASE("a slave that keeps crashing is reported with its last words, until somebody retries", "[daemon]") {
  DaemonRig rig;
  SlaveRun run = rig.become_bound();
  for (int i = 0; i < 3; ++i) {
    rig.tell(SlaveEnded{run, {0, 11}});
    REQUIRE(rig.sent_to<SlaveReport>(1) != nullptr);
    CHECK(rig.sent_to<SlaveReport>(1)->stage == SlaveStage::waiting);
    rig.pass(seconds(1 << i));
    REQUIRE(rig.find<StartSlave>() != nullptr);
    run = rig.find<StartSlave>()->run;
  }
  rig.tell(SlaveWrote{run, "error: GPU 0 fell off the bus"});
  rig.tell(SlaveEnded{run, {1, 0}});
  const auto* report = rig.sent_to<SlaveReport>(1);
  REQUIRE(report != nullptr);
  CHECK(report->stage == SlaveStage::crashed);
  CHECK(report->reason.find("GPU 0 fell off the bus") != std::string::npos);
  CHECK(report->log.size() == 1);
  CHECK(report->starts == 4);
  CHECK(rig.core.self().mode(rig.now()) == DaemonMode::crashed);
  CHECK(rig.core.self().status(rig.now()).owner.size() == 1);
  SECTION("by hand") {
    rig.hear(2, RetryDaemon{});
    CHECK(rig.find<AskFacts>() != nullptr);
    rig.tell(FactsCame{test::some_facts(), DaemonRig::kFile});
    CHECK(rig.find<StartSlave>() != nullptr);
    CHECK(rig.sent_to<DaemonDescription>(2) != nullptr);
    CHECK(rig.core.self().mode(rig.now()) == DaemonMode::bound);
  }
  SECTION("by another occupation") {
    rig.close(1);
    CHECK(rig.core.self().mode(rig.now()) == DaemonMode::crashed);
    rig.hear(2, rig.occupation("lee@WS-02"));
    CHECK(rig.sent_to<DaemonOccupied>(2) != nullptr);
    CHECK(rig.find<StartSlave>() != nullptr);
    CHECK(rig.core.self().mode(rig.now()) == DaemonMode::bound);
  }
}

TEST_CASE("unknown requests are unsupported, answers and heartbeats are left alone", "[daemon]") {
  DaemonRig rig;
  rig.start();
  rig.tell(MasterSaid{1, 5, "10.0.0.1", UnknownMessage{777}, DaemonRig::kFile});
  REQUIRE(rig.sent_to<Unsupported>(1) != nullptr);
  CHECK(rig.sent_to<Unsupported>(1)->type == 777);
  rig.hear(1, ControlRequest{ControlCommand::stop, 0});  // not over this conversation
  CHECK(rig.sent_to<Unsupported>(1) != nullptr);
  CHECK(rig.find<EndDaemon>() == nullptr);
  rig.hear(1, Heartbeat{5});
  CHECK(rig.actions.empty());
  rig.hear(1, Unsupported{5});
  CHECK(rig.actions.empty());
}

TEST_CASE("a slave is never sent to a port that is none of ours", "[daemon]") {
  DaemonRig rig;
  rig.start();
  OccupyDaemon request = rig.occupation();
  request.master_port = 22;
  rig.hear(1, request);
  CHECK(rig.sent_to<OccupyRefused>(1) != nullptr);
  CHECK(rig.find<StartSlave>() == nullptr);
}

TEST_CASE("only chosen devices are shown", "[daemon]") {
  DaemonCoreConfig config = test::a_daemon();
  config.inquiry.gpus = {1};
  DaemonRig rig(config);
  rig.start();
  REQUIRE(rig.core.self().description(rig.now()).devices.size() == 1);
  CHECK(rig.core.self().description(rig.now()).devices[0].index == 1);
  CHECK(rig.core.self().status(rig.now()).gpus == 1);
  CHECK(rig.core.self().status(rig.now()).cpus == 0);
}

TEST_CASE("a reach attempt goes to the asker's address", "[daemon]") {
  DaemonRig rig;
  rig.start();
  rig.hear(3, TryReach{21000}, 9);
  REQUIRE(rig.find<TryToReach>() != nullptr);
  CHECK(rig.find<TryToReach>()->target == SlaveTarget{"10.0.0.3", 21000});
  rig.tell(ReachTried{3, 9, {0, "no answer"}});
  CHECK(rig.sent_to<ReachResult>(3) != nullptr);
}

TEST_CASE("since when a daemon is bound is told as an age, whatever its clock does", "[daemon]") {
  DaemonRig rig;
  rig.become_bound();
  rig.pass(seconds(90));
  Moment set_back = rig.now();
  set_back.unix_s = 17;
  CHECK(rig.core.self().status(set_back).owner.at(0).age_s == 90);
  CHECK(rig.core.self().description(set_back).owner.at(0).age_s == 90);
  rig.hear(7, rig.occupation());
  const auto* refused = rig.sent_to<OccupyRefused>(7);
  REQUIRE(refused != nullptr);
  CHECK(refused->owner.at(0).age_s == 90);
}

TEST_CASE("a test of the way is answered with as much as it asks for", "[daemon]") {
  DaemonRig rig;
  rig.start();
  rig.hear(1, TestPath{0, Bytes(16 * 1024)}, 5);
  REQUIRE(rig.sent_to<PathTested>(1) != nullptr);
  CHECK(rig.sent_to<PathTested>(1)->filling.empty());
  rig.hear(1, TestPath{16 * 1024, {}}, 6);
  CHECK(rig.sent_to<PathTested>(1)->filling.size() == 16 * 1024);
}

TEST_CASE("a daemon's status names its run", "[daemon]") {
  DaemonCoreConfig config = test::a_daemon();
  config.identity.run = 42;
  DaemonRig rig(config);
  CHECK(rig.core.self().status(rig.now()).run == 42);
}
