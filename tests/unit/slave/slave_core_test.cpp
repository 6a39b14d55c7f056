#include "slave/slave_core.hpp"

#include "support/catch.hpp"
#include "support/film_maker.hpp"

using namespace oct;

namespace {

SlaveCoreConfig a_config() {
  SlaveCoreConfig config;
  config.name = "RENDER1";
  config.master = "10.0.0.1:21000";
  config.devices.resize(1);
  config.canaries.resize(1);
  return config;
}

/// A slave core, and what it asked for last.
struct Rig {
  explicit Rig(const SlaveCoreConfig& config = a_config()) : core(config) {}

  void tell(SlaveEvent event) { actions = core.on(std::move(event), now); }
  void hear(RenderMessage message) { tell(MasterMessage{std::move(message)}); }

  template <class Action>
  const Action* find() const {
    for (const SlaveAction& action : actions) {
      if (const auto* found = std::get_if<Action>(&action)) return found;
    }
    return nullptr;
  }
  template <class Message>
  const Message* sent() const {
    for (const SlaveAction& action : actions) {
      const auto* send = std::get_if<SendToMaster>(&action);
      if (send == nullptr) continue;
      if (const auto* message = std::get_if<Message>(&send->message)) return message;
    }
    return nullptr;
  }
  bool said(const std::string& text) const {
    for (const SlaveAction& action : actions) {
      const auto* say = std::get_if<Say>(&action);
      if (say != nullptr && say->text == text) return true;
    }
    return false;
  }

  void become_accepted() {
    tell(SlaveStarted{});
    tell(MasterReached{});
    hear(MasterWelcome{"DESK", 0, 1000, 15000});
  }
  ManifestPart manifest(FrameId frame) const {
    ManifestPart part;
    part.frame = frame;
    part.arrays = {{4, 1}};
    part.chunk_count = 1;
    part.chunks = {id};
    return part;
  }
  /// With one device that has the scene and takes leases.
  void become_ready() {
    become_accepted();
    hear(manifest(1));
    tell(SceneBegun{1, {}, {id}, 4, 4});
    Chunk chunk;
    chunk.id = id;
    hear(chunk);
    tell(ChunkStored{1, {}, 0});
    tell(SceneRebuilt{1, settings});
    tell(DeviceUploaded{0, 1, {}});
  }
  LeaseGrant grant(std::uint64_t lease, std::vector<UnitRange> units) const {
    LeaseGrant message;
    message.lease = lease;
    message.frame = 1;
    message.units = std::move(units);
    return message;
  }

  RenderSettings settings = a_setting(64, 64, 4);
  ChunkId id = chunk_id_of(bytes_of_value(7));
  Instant now{};
  SlaveCore core;
  SlaveActions actions;
};

}  // namespace

TEST_CASE("a slave says hello, and that it is launched only once it is accepted", "[slave]") {
  const std::string launched = "Launching net render slave (1000000) with master 10.0.0.1:21000";
  Rig rig;
  rig.tell(SlaveStarted{});
  CHECK(rig.said("Connecting to master 10.0.0.1:21000 ..."));
  CHECK(rig.find<ConnectToMaster>() != nullptr);
  rig.tell(MasterReached{});
  REQUIRE(rig.sent<SlaveHello>() != nullptr);
  CHECK(rig.sent<SlaveHello>()->name == "RENDER1");
  CHECK_FALSE(rig.said(launched));
  rig.hear(MasterWelcome{"DESK", 0, 1000, 15000});
  CHECK(rig.said(launched));
  REQUIRE(rig.find<EstablishMaster>() != nullptr);
  CHECK(rig.find<EstablishMaster>()->dead == milliseconds(15000));
}

TEST_CASE("a refusal for good ends the slave with its reason", "[slave]") {
  Rig rig;
  rig.tell(SlaveStarted{});
  rig.tell(MasterReached{});
  MasterRefusal refusal;
  SECTION("another version") {
    refusal.reason = RefusalReason::other_version;
    refusal.master_version = 2000002;
    rig.hear(refusal);
    REQUIRE(rig.find<EndSlave>() != nullptr);
    CHECK(rig.find<EndSlave>()->code == ExitCode::version);
    CHECK(rig.find<EndSlave>()->error->message ==
          "master 10.0.0.1:21000 has version 2000002, this slave is 1000000");
  }
  SECTION("other kernels") {
    refusal.reason = RefusalReason::other_kernels;
    rig.hear(refusal);
    REQUIRE(rig.find<EndSlave>() != nullptr);
    CHECK(rig.find<EndSlave>()->code == ExitCode::version);
  }
  SECTION("a master that is full is asked again later") {
    refusal.reason = RefusalReason::full;
    rig.hear(refusal);
    CHECK(rig.find<EndSlave>() == nullptr);
    rig.now += seconds(2);
    rig.tell(SlaveTick{});
    CHECK(rig.find<ConnectToMaster>() != nullptr);
  }
}

TEST_CASE("a slave tries again after 1, 2, 4 ... 30 s, a little later each", "[slave]") {
  Rig rig;
  rig.tell(SlaveStarted{});
  for (const double delay : {1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0}) {
    rig.tell(MasterNotReached{Error{ErrorKind::unavailable, "refused", {}}, std::nullopt, 0});
    const Instant failed = rig.now;
    do {
      rig.now += milliseconds(50);
      rig.tell(SlaveTick{});
    } while (rig.find<ConnectToMaster>() == nullptr);
    CHECK(to_seconds(rig.now - failed) >= delay);
    CHECK(to_seconds(rig.now - failed) <= delay * 1.2 + 0.1);
  }
}

TEST_CASE("a slave that may wait only so long gives up", "[slave]") {
  SlaveCoreConfig config = a_config();
  config.timeout = seconds(5);
  Rig rig(config);
  rig.tell(SlaveStarted{});
  rig.now += seconds(4);
  rig.tell(SlaveTick{});
  CHECK(rig.find<EndSlave>() == nullptr);
  rig.now += seconds(1);
  rig.tell(SlaveTick{});
  REQUIRE(rig.find<EndSlave>() != nullptr);
  CHECK(rig.find<EndSlave>()->code == ExitCode::network);
}

TEST_CASE("a device reports that it is ready when it has the scene", "[slave]") {
  Rig rig;
  rig.become_ready();
  REQUIRE(rig.sent<DeviceReport>() != nullptr);
  CHECK(rig.sent<DeviceReport>()->state == DeviceState::ready);
}

TEST_CASE("a slave that comes back with the scene in memory fetches nothing", "[slave]") {
  Rig rig;
  rig.become_ready();
  rig.tell(MasterGone{Error{ErrorKind::timed_out, "silent", {}}});
  rig.now += seconds(2);
  rig.tell(SlaveTick{});
  REQUIRE(rig.find<ConnectToMaster>() != nullptr);
  rig.tell(MasterReached{});
  rig.hear(MasterWelcome{"DESK", 0, 1000, 15000});
  rig.hear(rig.manifest(5));
  CHECK(rig.find<BeginScene>() == nullptr);
  CHECK(rig.sent<ChunkRequest>() == nullptr);
  REQUIRE(rig.sent<UpdateReport>() != nullptr);
  CHECK(rig.sent<UpdateReport>()->bytes_missing == 0);
  REQUIRE(rig.sent<DeviceReport>() != nullptr);
  CHECK(rig.sent<DeviceReport>()->state == DeviceState::ready);
  CHECK(rig.sent<DeviceReport>()->frame == 5);
}

TEST_CASE("a second scene is begun when the first is here, so that what they share comes once", "[slave]") {
  Rig rig;
  rig.become_accepted();
  rig.hear(rig.manifest(1));
  REQUIRE(rig.find<BeginScene>() != nullptr);
  ManifestPart second = rig.manifest(2);
  second.chunks = {chunk_id_of(bytes_of_value(8))};
  rig.hear(second);
  CHECK(rig.find<BeginScene>() == nullptr);
  SECTION("it has come") {
    rig.tell(SceneBegun{1, {}, {}, 0, 4});
    CHECK(rig.find<BeginScene>() == nullptr);
    rig.tell(SceneRebuilt{1, rig.settings});
    REQUIRE(rig.find<BeginScene>() != nullptr);
  }
  SECTION("its frame has ended") {
    rig.hear(FrameEnd{1});
    REQUIRE(rig.find<BeginScene>() != nullptr);
  }
  SECTION("the second one's frame has ended, too, and comes back") {
    rig.hear(FrameEnd{2});
    rig.hear(FrameEnd{1});
    CHECK(rig.find<BeginScene>() == nullptr);
    second.frame = 3;
    rig.hear(second);
    REQUIRE(rig.find<BeginScene>() != nullptr);
  }
  SECTION("the connection was lost") {
    rig.tell(MasterGone{Error{ErrorKind::timed_out, "silent", {}}});
    rig.now += seconds(2);
    rig.tell(SlaveTick{});
    rig.tell(MasterReached{});
    rig.hear(MasterWelcome{"DESK", 0, 1000, 15000});
    rig.hear(second);
    REQUIRE(rig.find<BeginScene>() != nullptr);
  }
  CHECK(rig.find<BeginScene>()->build == 2);
}

TEST_CASE("a scene is forgotten only when the one in its place is begun, which may take over from it",
          "[slave]") {
  Rig rig;
  rig.become_ready();
  rig.hear(FrameEnd{1});
  ManifestPart part = rig.manifest(2);
  part.chunks = {chunk_id_of(bytes_of_value(8))};
  rig.hear(part);
  CHECK(rig.find<ForgetScene>() == nullptr);  // the other slot is free
  part.frame = 3;
  part.chunks = {chunk_id_of(bytes_of_value(9))};
  rig.hear(part);
  CHECK(rig.find<ForgetScene>() == nullptr);
  rig.tell(SceneBegun{2, {}, {}, 0, 4});
  rig.tell(SceneRebuilt{2, rig.settings});
  REQUIRE(rig.find<BeginScene>() != nullptr);
  CHECK(rig.find<BeginScene>()->build == 3);
  REQUIRE(rig.find<ForgetScene>() != nullptr);
  CHECK(rig.find<ForgetScene>()->build == 1);
}

TEST_CASE("finished units are sent together, and what is not rendered is returned behind them", "[slave]") {
  Rig rig;
  rig.become_ready();
  rig.hear(rig.grant(9, {{0, 0, 1}, {1, 0, 1}, {2, 0, 1}}));
  REQUIRE(rig.find<RenderUnits>() != nullptr);
  const std::uint64_t job = rig.find<RenderUnits>()->lease.id;
  rig.tell(UnitsFinished{job, a_contribution(rig.settings, {0, 0, 1})});
  CHECK(rig.find<SendContributions>() == nullptr);  // waits a moment for others
  rig.hear(LeaseRecall{9});
  REQUIRE(rig.find<CancelJob>() != nullptr);
  rig.tell(JobEnded{job, fail(ErrorKind::cancelled, "cancelled")});
  REQUIRE(rig.actions.size() == 2);
  CHECK(std::get<SendContributions>(rig.actions[0]).contributions.size() == 1);
  CHECK(std::get<LeaseReturn>(std::get<SendToMaster>(rig.actions[1]).message).lease == 9);
}

TEST_CASE("a unit does not wait longer than a moment for others", "[slave]") {
  Rig rig;
  rig.become_ready();
  rig.hear(rig.grant(9, {{0, 0, 1}, {1, 0, 1}}));
  const std::uint64_t job = rig.find<RenderUnits>()->lease.id;
  rig.tell(UnitsFinished{job, a_contribution(rig.settings, {0, 0, 1})});
  rig.now += milliseconds(150);
  rig.tell(SlaveTick{});
  CHECK(rig.find<SendContributions>() != nullptr);
}

TEST_CASE("asked to stop, a slave sends what is finished, hands back the rest, says goodbye, and ends with 0",
          "[slave]") {
  Rig rig;
  rig.become_ready();
  rig.hear(rig.grant(9, {{0, 0, 1}, {1, 0, 1}}));
  const std::uint64_t job = rig.find<RenderUnits>()->lease.id;
  rig.tell(UnitsFinished{job, a_contribution(rig.settings, {0, 0, 1})});
  rig.tell(SlaveStopAsked{});
  CHECK(rig.find<CancelJob>() != nullptr);
  CHECK(rig.sent<Goodbye>() == nullptr);
  rig.tell(JobEnded{job, fail(ErrorKind::cancelled, "cancelled")});
  CHECK(rig.find<SendContributions>() != nullptr);
  CHECK(rig.sent<LeaseReturn>() != nullptr);
  REQUIRE(rig.sent<Goodbye>() != nullptr);
  CHECK(rig.sent<Goodbye>()->reason == GoodbyeReason::leaving);
  rig.tell(MasterGone{Error{ErrorKind::cancelled, "closed", {}}});
  REQUIRE(rig.find<EndSlave>() != nullptr);
  CHECK(rig.find<EndSlave>()->code == ExitCode::done);
}

TEST_CASE("a master that grants what cannot be rendered is left", "[slave]") {
  Rig rig;
  rig.become_ready();
  LeaseGrant grant = rig.grant(9, {{0, 0, 1}});
  SECTION("a tile outside the picture") {
    grant.units = {{16, 0, 1}};
  }
  SECTION("a pass that does not exist") {
    grant.units = {{0, 1, 3}};
  }
  SECTION("no units") {
    grant.units.clear();
  }
  SECTION("a device that does not exist") {
    grant.device = 1;
  }
  rig.hear(grant);
  CHECK(rig.find<RenderUnits>() == nullptr);
  REQUIRE(rig.sent<Goodbye>() != nullptr);
  CHECK(rig.sent<Goodbye>()->reason == GoodbyeReason::rejected);
  CHECK(rig.find<FinishMaster>() != nullptr);
}

TEST_CASE("leases of another frame are dropped silently", "[slave]") {
  Rig rig;
  rig.become_ready();
  LeaseGrant grant = rig.grant(9, {{0, 0, 1}});
  grant.frame = 2;
  rig.hear(grant);
  CHECK(rig.actions.empty());
}

TEST_CASE("a slave whose only device cannot hold the scene says so and ends", "[slave]") {
  Rig rig;
  rig.become_accepted();
  rig.hear(rig.manifest(1));
  rig.tell(SceneBegun{1, {}, {}, 0, 4});
  rig.tell(SceneRebuilt{1, rig.settings});
  rig.tell(DeviceUploaded{0, 1, fail(ErrorKind::exhausted, "GPU 0 needs 9.4 GB")});
  REQUIRE(rig.sent<DeviceReport>() != nullptr);
  CHECK(rig.sent<DeviceReport>()->state == DeviceState::failed);
  CHECK(rig.sent<DeviceReport>()->text == "GPU 0 needs 9.4 GB");
  rig.tell(MasterGone{Error{ErrorKind::cancelled, "closed", {}}});
  REQUIRE(rig.find<EndSlave>() != nullptr);
  CHECK(rig.find<EndSlave>()->code == ExitCode::device);
}

TEST_CASE("after a render a slave waits for the next, or ends when one was enough", "[slave]") {
  const bool once = GENERATE(false, true);
  SlaveCoreConfig config = a_config();
  config.once = once;
  Rig rig(config);
  rig.become_ready();
  rig.hear(Goodbye{GoodbyeReason::finished, {}});
  CHECK(rig.said("Master finished. Waiting for the next render at 10.0.0.1:21000. CTRL-C ends.") == !once);
  rig.tell(MasterGone{Error{ErrorKind::cancelled, "closed", {}}});
  CHECK((rig.find<EndSlave>() != nullptr) == once);
  rig.now += seconds(2);
  rig.tell(SlaveTick{});
  CHECK((rig.find<ConnectToMaster>() != nullptr) == !once);
}

TEST_CASE("a slave that a daemon started ends with its master, and leaves the rest to the daemon",
          "[slave]") {
  SlaveCoreConfig config = a_config();
  config.supervised = true;
  Rig rig(config);
  const auto ends_with = [&](ExitCode code) {
    REQUIRE(rig.find<EndSlave>() != nullptr);
    CHECK(rig.find<EndSlave>()->code == code);
    CHECK(rig.find<EndSlave>()->error.has_value() == (code != ExitCode::done));
  };
  SECTION("never reached") {
    rig.tell(SlaveStarted{});
    rig.tell(MasterNotReached{Error{ErrorKind::unavailable, "connection refused", {}}, {}, 0});
    ends_with(ExitCode::network);
  }
  SECTION("finished") {
    rig.become_ready();
    rig.hear(Goodbye{GoodbyeReason::finished, {}});
    rig.tell(MasterGone{Error{ErrorKind::cancelled, "closed", {}}});
    ends_with(ExitCode::done);
  }
  SECTION("lost") {
    rig.become_ready();
    rig.tell(MasterGone{Error{ErrorKind::unavailable, "broken", {}}});
    ends_with(ExitCode::network);
  }
  SECTION("full") {
    rig.tell(SlaveStarted{});
    rig.tell(MasterReached{});
    MasterRefusal refusal;
    refusal.reason = RefusalReason::full;
    rig.hear(refusal);
    ends_with(ExitCode::network);
  }
  SECTION("asked to leave") {
    rig.become_accepted();
    rig.tell(SlaveStopAsked{});
    CHECK(rig.sent<Goodbye>() != nullptr);
    rig.tell(MasterGone{Error{ErrorKind::cancelled, "closed", {}}});
    ends_with(ExitCode::done);
  }
}
