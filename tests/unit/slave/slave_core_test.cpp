#include "slave/slave_core.hpp"

#include "slave/slave_words.hpp"
#include "support/catch.hpp"
#include "support/film_maker.hpp"

using namespace oct;

namespace {

SlaveCoreConfig a_config() {
  SlaveCoreConfig config;
  config.name = "RENDER1";
  config.master = {"10.0.0.1", 21000};
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
      if (say != nullptr && words_of(say->news, a_config().master.text()) == text) return true;
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

namespace {

/// The warning among the actions.
const MasterMissed* told_with_help(const Rig& rig) {
  for (const SlaveAction& action : rig.actions) {
    const auto* say = std::get_if<Say>(&action);
    if (say != nullptr && is_warning(say->news)) return std::get_if<MasterMissed>(&say->news);
  }
  return nullptr;
}

}  // namespace

TEST_CASE("what keeps a slave from its master is told with what helps, once, and at the end", "[slave]") {
  SlaveCoreConfig config = a_config();
  config.timeout = seconds(5);
  Rig rig(config);
  rig.tell(SlaveStarted{});
  const MasterNotReached unknown{
      {ErrorKind::unavailable, "no computer is known by the name desk", "is it spelled right?"}, {}, 0};
  rig.tell(unknown);
  REQUIRE(told_with_help(rig) != nullptr);
  CHECK(told_with_help(rig)->help == "is it spelled right?");
  CHECK(rig.said("Not reached: no computer is known by the name desk. Trying again in 1 s."));
  rig.tell(unknown);
  CHECK(told_with_help(rig) == nullptr);
  CHECK(rig.said("Not reached: no computer is known by the name desk. Trying again in 2 s."));
  rig.now += seconds(5);
  rig.tell(SlaveTick{});
  REQUIRE(rig.find<EndSlave>() != nullptr);
  CHECK(rig.find<EndSlave>()->error->message ==
        "master 10.0.0.1:21000 was not reached within 5 s: no computer is known by the name desk");
  CHECK(rig.find<EndSlave>()->error->help == "is it spelled right?");
}

TEST_CASE("what kept a slave from its master is not told of the next one", "[slave]") {
  SlaveCoreConfig config = a_config();
  config.timeout = seconds(5);
  Rig rig(config);
  rig.tell(SlaveStarted{});
  rig.tell(MasterNotReached{{ErrorKind::unavailable, "odd", "try"}, {}, 0});
  rig.become_accepted();
  rig.tell(MasterGone{Error{ErrorKind::unavailable, "broken", {}}});
  rig.now += seconds(6);
  rig.tell(SlaveTick{});
  REQUIRE(rig.find<EndSlave>() != nullptr);
  CHECK(rig.find<EndSlave>()->error->message == "master 10.0.0.1:21000 was not reached within 5 s: broken");
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

TEST_CASE("a scene that does not fit beside that of a frame waits for the end of that frame", "[slave]") {
  Rig rig;
  rig.become_ready();
  ManifestPart second = rig.manifest(2);
  second.chunks = {chunk_id_of(bytes_of_value(8))};
  rig.hear(second);
  REQUIRE(rig.find<BeginScene>() != nullptr);
  SceneBegun begun{2, {}, {}, 0, 4};
  SECTION("before it is fetched") {
    begun.is_memory_short = true;
    rig.tell(begun);
    REQUIRE(rig.find<ForgetScene>() != nullptr);
    CHECK(rig.find<ForgetScene>()->build == 2);
    CHECK(rig.sent<ChunkRequest>() == nullptr);
    CHECK(rig.sent<Goodbye>() == nullptr);
    rig.hear(rig.grant(4, {{0, 0, 1}}));
    CHECK(rig.find<BeginScene>() == nullptr);
    rig.hear(FrameEnd{1});
    REQUIRE(rig.find<BeginScene>() != nullptr);
    CHECK(rig.find<BeginScene>()->build == 2);
    rig.tell(begun);  // the other one is only kept now
    REQUIRE(rig.find<ForgetScene>() != nullptr);
    CHECK(rig.find<ForgetScene>()->build == 1);
    CHECK(rig.find<RebuildScene>() != nullptr);
  }
  SECTION("before its trees are built") {
    rig.tell(begun);
    rig.tell(SceneRebuilt{2, rig.settings, true});
    CHECK(rig.find<UploadScene>() == nullptr);
    rig.hear(FrameEnd{1});
    REQUIRE(rig.find<ForgetScene>() != nullptr);
    CHECK(rig.find<ForgetScene>()->build == 1);
    REQUIRE(rig.find<UploadScene>() != nullptr);
    CHECK(rig.find<UploadScene>()->build == 2);
  }
}

TEST_CASE("a slave has work as long as its master has a frame for it", "[slave]") {
  Rig rig;
  CHECK_FALSE(rig.core.is_at_work());
  rig.become_accepted();
  CHECK_FALSE(rig.core.is_at_work());
  rig.hear(rig.manifest(1));
  CHECK(rig.core.is_at_work());
  SECTION("which ends") {
    rig.hear(FrameEnd{1});
  }
  SECTION("who goes") {
    rig.hear(Goodbye{GoodbyeReason::finished, ""});
  }
  SECTION("who is lost") {
    rig.tell(MasterGone{Error{ErrorKind::timed_out, "silent", {}}});
  }
  CHECK_FALSE(rig.core.is_at_work());
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

TEST_CASE("that a former render failed does not change how a slave ends", "[slave]") {
  SlaveCoreConfig config = a_config();
  config.once = true;
  Rig rig(config);
  rig.become_accepted();
  rig.hear(Goodbye{GoodbyeReason::failed, "its disk is full"});
  CHECK(rig.said("Master 10.0.0.1:21000 ended: its disk is full"));
  rig.tell(MasterGone{Error{ErrorKind::cancelled, "closed", {}}});
  CHECK(rig.find<EndSlave>() == nullptr);
  rig.tell(MasterReached{});
  rig.hear(MasterWelcome{"DESK", 0, 1000, 15000});
  SECTION("when it is stopped") {
    rig.tell(SlaveStopAsked{});
  }
  SECTION("when the next one is finished") {
    rig.hear(Goodbye{GoodbyeReason::finished, {}});
  }
  rig.tell(MasterGone{Error{ErrorKind::cancelled, "closed", {}}});
  REQUIRE(rig.find<EndSlave>() != nullptr);
  CHECK(rig.find<EndSlave>()->code == ExitCode::done);
  CHECK_FALSE(rig.find<EndSlave>()->error);
}

// Frames: two slots.

namespace {

/// A slave of two slots; the scene of a frame is chunk number `scene`.
struct FramesRig : Rig {
  explicit FramesRig(std::uint32_t devices = 1) : Rig(config_of(devices)) { become_accepted(); }

  static SlaveCoreConfig config_of(std::uint32_t devices) {
    SlaveCoreConfig config = a_config();
    config.devices.resize(devices);
    config.canaries.resize(devices);
    return config;
  }
  static ChunkId chunk_of(std::uint32_t scene) { return chunk_id_of(bytes_of_value(scene)); }
  void announce(FrameId frame, std::uint32_t scene) {
    ManifestPart part = manifest(frame);
    part.chunks = {chunk_of(scene)};
    hear(part);
  }
  /// The scene that was begun last arrives, and is rebuilt; devices do not have it yet.
  void fetch(std::uint64_t build, std::uint32_t scene) {
    tell(SceneBegun{build, {}, {chunk_of(scene)}, 4, 4});
    Chunk chunk;
    chunk.id = chunk_of(scene);
    hear(chunk);
    tell(ChunkStored{build, {}, 0});
    tell(SceneRebuilt{build, settings});
  }
  std::uint32_t slot_uploaded() const {
    REQUIRE(find<UploadScene>() != nullptr);
    return find<UploadScene>()->slot;
  }
  LeaseGrant grant_of(FrameId frame, std::uint64_t lease, std::uint32_t device = 0) const {
    LeaseGrant message = grant(lease, {{0, 0, 1}, {1, 0, 1}});
    message.frame = frame;
    message.device = device;
    return message;
  }
  std::uint64_t start_lease(FrameId frame, std::uint64_t lease) {
    hear(grant_of(frame, lease));
    REQUIRE(find<RenderUnits>() != nullptr);
    return find<RenderUnits>()->lease.id;
  }
  /// Frame 1 renders in the first slot, frame 2 waits in the second.
  void become_ready_twice() {
    announce(1, 11);
    fetch(1, 11);
    tell(DeviceUploaded{0, 1, {}});
    announce(2, 12);
    fetch(2, 12);
    tell(DeviceUploaded{0, 2, {}});
  }
};

}  // namespace

TEST_CASE("the next frame's scene is built in the other slot while this one renders", "[slave]") {
  FramesRig rig;
  rig.announce(1, 11);
  REQUIRE(rig.find<BeginScene>() != nullptr);
  CHECK(rig.find<BeginScene>()->build == 1);
  rig.fetch(1, 11);
  const std::uint32_t first = rig.slot_uploaded();
  rig.tell(DeviceUploaded{0, 1, {}});
  const std::uint64_t job = rig.start_lease(1, 9);
  CHECK(rig.find<RenderUnits>()->slot == first);

  rig.announce(2, 12);
  REQUIRE(rig.find<BeginScene>() != nullptr);
  CHECK(rig.find<BeginScene>()->build == 2);
  CHECK(rig.find<ForgetScene>() == nullptr);
  CHECK(rig.find<CancelJob>() == nullptr);
  rig.fetch(2, 12);
  CHECK(rig.slot_uploaded() != first);
  rig.tell(DeviceUploaded{0, 2, {}});
  REQUIRE(rig.sent<DeviceReport>() != nullptr);
  CHECK(rig.sent<DeviceReport>()->frame == 2);
  CHECK(rig.sent<DeviceReport>()->state == DeviceState::ready);

  rig.start_lease(2, 10);
  CHECK(rig.find<RenderUnits>()->slot != first);
  rig.tell(UnitsFinished{job, a_contribution(rig.settings, {0, 0, 1})});
  rig.tell(UnitsFinished{job, a_contribution(rig.settings, {1, 0, 1})});
  REQUIRE(rig.find<SendContributions>() != nullptr);
  CHECK(rig.find<SendContributions>()->frame == 1);
}

TEST_CASE("chunks are asked for one scene at a time, the oldest frame's first", "[slave]") {
  FramesRig rig;
  rig.announce(1, 11);
  rig.announce(2, 12);
  rig.tell(SceneBegun{2, {}, {FramesRig::chunk_of(12)}, 4, 4});
  REQUIRE(rig.sent<ChunkRequest>() != nullptr);  // nothing is known to be missing of the first yet
  CHECK(rig.sent<ChunkRequest>()->frame == 2);
  FramesRig other;
  other.announce(1, 11);
  other.tell(SceneBegun{1, {}, {FramesRig::chunk_of(11)}, 4, 4});
  CHECK(other.sent<ChunkRequest>()->frame == 1);
  other.announce(2, 12);
  other.tell(SceneBegun{2, {}, {FramesRig::chunk_of(12)}, 4, 4});
  CHECK(other.sent<ChunkRequest>() == nullptr);
  Chunk chunk;
  chunk.id = FramesRig::chunk_of(11);
  other.hear(chunk);
  REQUIRE(other.sent<ChunkRequest>() != nullptr);
  CHECK(other.sent<ChunkRequest>()->frame == 2);
}

TEST_CASE("a master that announces what it must not is left", "[slave]") {
  FramesRig rig;
  rig.announce(1, 11);
  rig.announce(2, 12);
  SECTION("a third frame at a time") {
    rig.announce(3, 13);
  }
  SECTION("a frame twice") {
    rig.announce(2, 12);
  }
  SECTION("no frame") {
    rig.hear(FrameEnd{2});
    rig.announce(kNoFrame, 13);
  }
  REQUIRE(rig.sent<Goodbye>() != nullptr);
  CHECK(rig.sent<Goodbye>()->reason == GoodbyeReason::rejected);
  CHECK(rig.find<FinishMaster>() != nullptr);
}

TEST_CASE("a frame of the same scene is rendered without a byte", "[slave]") {
  FramesRig rig;
  rig.become_ready_twice();
  rig.hear(FrameEnd{1});
  rig.announce(3, 11);
  CHECK(rig.find<BeginScene>() == nullptr);
  CHECK(rig.find<UploadScene>() == nullptr);
  CHECK(rig.sent<ChunkRequest>() == nullptr);
  REQUIRE(rig.sent<UpdateReport>() != nullptr);
  CHECK(rig.sent<UpdateReport>()->frame == 3);
  CHECK(rig.sent<UpdateReport>()->bytes_missing == 0);
  REQUIRE(rig.sent<DeviceReport>() != nullptr);
  CHECK(rig.sent<DeviceReport>()->frame == 3);
  CHECK(rig.sent<DeviceReport>()->state == DeviceState::ready);
  rig.start_lease(3, 20);
  CHECK(rig.find<RenderUnits>()->slot == 0);
}

TEST_CASE("the end of a frame ends its leases, frees its slot, and keeps its scene", "[slave]") {
  FramesRig rig;
  rig.become_ready_twice();
  const std::uint64_t first = rig.start_lease(1, 9);
  const std::uint64_t second = rig.start_lease(2, 10);
  rig.tell(UnitsFinished{first, a_contribution(rig.settings, {0, 0, 1})});
  rig.hear(FrameEnd{1});
  REQUIRE(rig.find<CancelJob>() != nullptr);
  CHECK(rig.find<CancelJob>()->job == first);
  CHECK(rig.find<ForgetScene>() == nullptr);
  rig.now += seconds(1);
  rig.tell(SlaveTick{});
  CHECK(rig.actions.empty());  // what was finished of it is of no use
  rig.tell(UnitsFinished{first, a_contribution(rig.settings, {1, 0, 1})});
  CHECK(rig.actions.empty());
  rig.tell(JobEnded{first, fail(ErrorKind::cancelled, "cancelled")});
  CHECK(rig.sent<LeaseReturn>() == nullptr);

  // The other frame goes on, and another scene takes the place of the first.
  rig.tell(UnitsFinished{second, a_contribution(rig.settings, {0, 0, 1})});
  rig.tell(UnitsFinished{second, a_contribution(rig.settings, {1, 0, 1})});
  CHECK(rig.find<SendContributions>() != nullptr);
  rig.announce(3, 13);
  REQUIRE(rig.find<BeginScene>() != nullptr);
  REQUIRE(rig.find<ForgetScene>() != nullptr);
  CHECK(rig.find<ForgetScene>()->build == 1);
}

TEST_CASE("of two scenes that are not needed the older one goes", "[slave]") {
  FramesRig rig;
  rig.become_ready_twice();
  rig.now += seconds(1);
  rig.hear(FrameEnd{2});
  rig.now += seconds(1);
  rig.hear(FrameEnd{1});
  rig.announce(3, 13);
  REQUIRE(rig.find<ForgetScene>() != nullptr);
  CHECK(rig.find<ForgetScene>()->build == 2);
}

TEST_CASE("leases of a frame that has ended, or never was, are ignored", "[slave]") {
  FramesRig rig;
  rig.become_ready_twice();
  rig.hear(FrameEnd{1});
  rig.hear(rig.grant_of(1, 9));
  CHECK(rig.actions.empty());
  rig.hear(rig.grant_of(kNoFrame, 10));
  CHECK(rig.actions.empty());
  rig.hear(FrameEnd{1});  // twice
  CHECK(rig.actions.empty());
}

TEST_CASE("frames that end faster than a device's unit use up no credit", "[slave]") {
  FramesRig rig;
  rig.become_ready_twice();
  // Its device still has the first unit, while others complete one frame after the other.
  std::uint64_t lease = 1;
  for (FrameId frame = 1; frame <= 8; ++frame) {
    for (int i = 0; i < 2; ++i) {
      rig.hear(rig.grant_of(frame, lease++));
      CHECK(rig.find<RenderUnits>() != nullptr);
      CHECK(rig.sent<Goodbye>() == nullptr);
    }
    rig.hear(FrameEnd{frame});
    rig.announce(frame + 2, frame % 2 == 1 ? 11 : 12);
  }
}

TEST_CASE("a device that cannot take the next scene renders this one to its end", "[slave]") {
  FramesRig rig(2);
  rig.announce(1, 11);
  rig.fetch(1, 11);
  rig.tell(DeviceUploaded{0, 1, {}});
  rig.tell(DeviceUploaded{1, 1, {}});
  rig.announce(2, 12);
  rig.fetch(2, 12);
  rig.tell(DeviceUploaded{0, 2, fail(ErrorKind::exhausted, "GPU 0 needs 9.4 GB")});
  REQUIRE(rig.sent<DeviceReport>() != nullptr);
  CHECK(rig.sent<DeviceReport>()->frame == 2);
  CHECK(rig.sent<DeviceReport>()->device == 0);
  CHECK(rig.sent<DeviceReport>()->state == DeviceState::failed);
  CHECK(rig.sent<Goodbye>() == nullptr);
  rig.start_lease(1, 9);
  CHECK(rig.find<RenderUnits>()->device == 0);
  rig.hear(rig.grant_of(2, 10));
  CHECK(rig.find<RenderUnits>() == nullptr);
  REQUIRE(rig.sent<LeaseReturn>() != nullptr);
  CHECK(rig.sent<LeaseReturn>()->lease == 10);
}

TEST_CASE("a slave whose only device cannot take the next scene leaves when this frame is done", "[slave]") {
  FramesRig rig;
  rig.announce(1, 11);
  rig.fetch(1, 11);
  rig.tell(DeviceUploaded{0, 1, {}});
  rig.announce(2, 12);
  rig.fetch(2, 12);
  rig.tell(DeviceUploaded{0, 2, fail(ErrorKind::exhausted, "GPU 0 needs 9.4 GB")});
  CHECK(rig.sent<Goodbye>() == nullptr);
  rig.hear(FrameEnd{1});
  REQUIRE(rig.sent<Goodbye>() != nullptr);
  CHECK(rig.sent<Goodbye>()->reason == GoodbyeReason::failed);
}

TEST_CASE("a slave tells what its devices computed of the canary", "[slave]") {
  SlaveCoreConfig config = a_config();
  config.canaries = {{sha256(bytes_of_value(3))}};
  Rig rig(config);
  rig.tell(SlaveStarted{});
  rig.tell(MasterReached{});
  REQUIRE(rig.sent<SlaveHello>() != nullptr);
  REQUIRE(rig.sent<SlaveHello>()->canaries.size() == 1);
  CHECK(rig.sent<SlaveHello>()->canaries[0].digest == sha256(bytes_of_value(3)));
}

TEST_CASE("what is under way for a master that has gone is cancelled, and begun again when it is back",
          "[slave]") {
  Rig rig;
  rig.become_accepted();
  rig.hear(rig.manifest(1));
  rig.tell(SceneBegun{1, {}, {rig.id}, 4, 4});
  Chunk chunk;
  chunk.id = rig.id;
  rig.hear(chunk);
  rig.tell(ChunkStored{1, {}, 0});
  REQUIRE(rig.find<RebuildScene>() != nullptr);
  const auto lose_and_find_again = [&] {
    rig.tell(MasterGone{{ErrorKind::unavailable, "cut", {}}});
    const SlaveActions lost = rig.actions;
    rig.now += seconds(2);
    rig.tell(SlaveTick{});
    rig.tell(MasterReached{});
    rig.hear(MasterWelcome{"DESK", 0, 1000, 15000});
    return lost;
  };

  rig.actions = lose_and_find_again();
  REQUIRE(rig.find<CancelRebuild>() != nullptr);
  CHECK(rig.find<CancelRebuild>()->build == 1);
  rig.tell(SceneRebuilt{1, fail(ErrorKind::cancelled, "cancelled")});
  CHECK(rig.find<RebuildScene>() == nullptr);  // nobody wants it
  rig.hear(rig.manifest(1));
  REQUIRE(rig.find<RebuildScene>() != nullptr);  // and nothing is fetched again
  CHECK(rig.sent<ChunkRequest>() == nullptr);
  rig.tell(SceneRebuilt{1, rig.settings});
  REQUIRE(rig.find<UploadScene>() != nullptr);

  rig.actions = lose_and_find_again();
  REQUIRE(rig.find<CancelUpload>() != nullptr);
  CHECK(rig.find<CancelUpload>()->build == 1);
  rig.hear(rig.manifest(1));  // before the device has given up
  CHECK(rig.find<UploadScene>() == nullptr);
  rig.tell(DeviceUploaded{0, 1, fail(ErrorKind::cancelled, "cancelled")});
  REQUIRE(rig.find<UploadScene>() != nullptr);
  REQUIRE(rig.sent<DeviceReport>() != nullptr);
  CHECK(rig.sent<DeviceReport>()->state == DeviceState::building);  // it has not failed
  rig.tell(DeviceUploaded{0, 1, {}});
  REQUIRE(rig.sent<DeviceReport>() != nullptr);
  CHECK(rig.sent<DeviceReport>()->state == DeviceState::ready);
}

TEST_CASE("a scene that outgrows memory fails the devices, and is not the master's fault", "[slave]") {
  for (const bool when_rebuilt : {false, true}) {
    Rig rig;
    rig.become_accepted();
    rig.hear(rig.manifest(1));
    rig.tell(SceneBegun{1, {}, {rig.id}, 4, 4});
    Chunk chunk;
    chunk.id = rig.id;
    rig.hear(chunk);
    const Error memory{ErrorKind::exhausted, "no memory for 900 MB of render data", {}};
    if (when_rebuilt) {
      rig.tell(ChunkStored{1, {}, 0});
      rig.tell(SceneRebuilt{1, fail(memory)});
    } else {
      rig.tell(ChunkStored{1, fail(memory), 4});
    }
    REQUIRE(rig.sent<DeviceReport>() != nullptr);
    CHECK(rig.sent<DeviceReport>()->state == DeviceState::failed);
    REQUIRE(rig.sent<Goodbye>() != nullptr);
    CHECK(rig.sent<Goodbye>()->reason == GoodbyeReason::failed);
    rig.tell(MasterGone{{ErrorKind::unavailable, "closed", {}}});
    REQUIRE(rig.find<EndSlave>() != nullptr);
    CHECK(rig.find<EndSlave>()->code == ExitCode::device);
  }
}

TEST_CASE("a slave that may open no file more ends with what it needs", "[slave]") {
  Rig rig;
  rig.tell(SlaveStarted{});
  rig.tell(MasterNotReached{{ErrorKind::exhausted, "master: too many open files", "ulimit -n"}, {}, 0});
  REQUIRE(rig.find<EndSlave>() != nullptr);
  CHECK(rig.find<EndSlave>()->code == ExitCode::device);
  CHECK(rig.find<EndSlave>()->error->message == "master: too many open files");
}

// Kept between renders.

namespace {

SlaveCoreConfig a_warm_config() {
  SlaveCoreConfig config = a_config();
  config.supervised = config.warm = true;
  return config;
}

struct WarmRig : Rig {
  WarmRig() : Rig(a_warm_config()) {}

  void become_warm() {
    become_ready();
    hear(Goodbye{GoodbyeReason::finished, {}});
    tell(MasterGone{Error{ErrorKind::cancelled, "closed", {}}});
  }
  void rests_with(ExitCode code, std::uint64_t number = 0) const {
    CHECK(find<EndSlave>() == nullptr);
    REQUIRE(find<Rest>() != nullptr);
    CHECK(find<Rest>()->code == code);
    CHECK(find<Rest>()->number == number);
    CHECK(find<Rest>()->error.has_value() == (code != ExitCode::done));
  }
  void meets(std::uint64_t number, const std::string& address) {
    tell(MasterNamed{number, {address, 21000}});
    REQUIRE(find<ConnectToMaster>() != nullptr);
    CHECK(find<ConnectToMaster>()->master == Endpoint{address, 21000});
    tell(MasterReached{});
    REQUIRE(sent<SlaveHello>() != nullptr);
    hear(MasterWelcome{"OTHER", 0, 1000, 15000});
  }
};

}  // namespace

TEST_CASE("a warm slave rests where another one would end", "[slave]") {
  WarmRig rig;
  SECTION("never reached") {
    rig.tell(SlaveStarted{});
    rig.tell(MasterNotReached{Error{ErrorKind::unavailable, "connection refused", {}}, {}, 0});
    rig.rests_with(ExitCode::network);
  }
  SECTION("finished") {
    rig.become_warm();
    rig.rests_with(ExitCode::done);
  }
  SECTION("lost") {
    rig.become_ready();
    rig.tell(MasterGone{Error{ErrorKind::unavailable, "broken", {}}});
    rig.rests_with(ExitCode::network);
  }
  SECTION("full") {
    rig.tell(SlaveStarted{});
    rig.tell(MasterReached{});
    rig.hear(MasterRefusal{});
    rig.rests_with(ExitCode::network);
  }
  SECTION("but of no use to anybody it ends") {
    rig.become_ready();
    rig.hear(Goodbye{GoodbyeReason::rejected, "its results are wrong"});
    rig.tell(MasterGone{Error{ErrorKind::cancelled, "closed", {}}});
    REQUIRE(rig.find<EndSlave>() != nullptr);
    CHECK(rig.find<EndSlave>()->code == ExitCode::device);
    return;
  }
  rig.tell(SlaveTick{});
  CHECK(rig.actions.empty());
  rig.tell(RestAsked{});  // a sign of life is wanted
  CHECK(rig.actions.size() == 1);
  CHECK(rig.find<Rest>() != nullptr);
}

TEST_CASE("asked to rest, a slave answers what is finished and lets go", "[slave]") {
  WarmRig rig;
  rig.become_ready();
  rig.hear(rig.grant(9, {{0, 0, 1}, {1, 0, 1}}));
  const std::uint64_t job = rig.find<RenderUnits>()->lease.id;
  rig.tell(UnitsFinished{job, a_contribution(rig.settings, {0, 0, 1})});
  rig.tell(RestAsked{});
  CHECK(rig.find<CancelJob>() != nullptr);
  CHECK(rig.find<Rest>() == nullptr);
  rig.tell(JobEnded{job, fail(ErrorKind::cancelled, "cancelled")});
  CHECK(rig.find<SendContributions>() != nullptr);
  CHECK(rig.sent<LeaseReturn>() != nullptr);
  REQUIRE(rig.sent<Goodbye>() != nullptr);
  CHECK(rig.sent<Goodbye>()->reason == GoodbyeReason::leaving);
  CHECK(rig.find<Rest>() == nullptr);
  SECTION("and the master closes") {
    rig.tell(MasterGone{Error{ErrorKind::cancelled, "closed", {}}});
  }
  SECTION("or the master no longer reads") {
    rig.now += milliseconds(2900);
    rig.tell(SlaveTick{});
    CHECK(rig.find<Rest>() == nullptr);
    rig.now += milliseconds(200);
    rig.tell(SlaveTick{});
    CHECK(rig.find<DropMaster>() != nullptr);
  }
  rig.rests_with(ExitCode::done);
}

TEST_CASE("a slave rests only when its devices do", "[slave]") {
  WarmRig rig;
  rig.become_ready();
  rig.hear(rig.grant(9, {{0, 0, 1}}));
  const std::uint64_t job = rig.find<RenderUnits>()->lease.id;
  rig.tell(MasterGone{Error{ErrorKind::unavailable, "broken", {}}});
  CHECK(rig.find<CancelJob>() != nullptr);
  CHECK(rig.find<Rest>() == nullptr);
  rig.tell(RestAsked{});
  CHECK(rig.find<Rest>() == nullptr);
  rig.tell(JobEnded{job, fail(ErrorKind::cancelled, "cancelled")});
  rig.rests_with(ExitCode::network);
}

TEST_CASE("a warm slave fetches from the next master only what differs", "[slave]") {
  WarmRig rig;
  rig.become_warm();
  rig.meets(1, "10.0.0.2");
  rig.hear(rig.manifest(1));  // another master counts its frames from 1, too
  CHECK(rig.find<BeginScene>() == nullptr);
  CHECK(rig.sent<ChunkRequest>() == nullptr);
  REQUIRE(rig.sent<DeviceReport>() != nullptr);
  CHECK(rig.sent<DeviceReport>()->state == DeviceState::ready);
  rig.hear(rig.grant(4, {{0, 0, 1}}));
  CHECK(rig.find<RenderUnits>() != nullptr);
}

TEST_CASE("after a farewell a slave takes leases of the next master again", "[slave]") {
  WarmRig rig;
  rig.become_ready();
  rig.tell(RestAsked{});
  rig.tell(MasterGone{Error{ErrorKind::cancelled, "closed", {}}});
  rig.rests_with(ExitCode::done);
  rig.meets(1, "10.0.0.2");
  rig.hear(rig.manifest(1));
  rig.hear(rig.grant(4, {{0, 0, 1}}));
  CHECK(rig.find<RenderUnits>() != nullptr);
  CHECK(rig.sent<LeaseReturn>() == nullptr);
  rig.tell(RestAsked{});
  CHECK(rig.find<CancelJob>() != nullptr);
}

TEST_CASE("a warm slave leaves when it is told to", "[slave]") {
  WarmRig rig;
  rig.become_warm();
  rig.tell(SlaveStopAsked{});
  REQUIRE(rig.find<EndSlave>() != nullptr);
  CHECK(rig.find<EndSlave>()->code == ExitCode::done);
}

TEST_CASE("what turns out wrong of a scene whose master has gone is nobody's fault", "[slave]") {
  WarmRig rig;
  rig.become_accepted();
  rig.hear(rig.manifest(1));
  rig.tell(SceneBegun{1, {}, {rig.id}, 4, 4});
  Chunk chunk;
  chunk.id = rig.id;
  rig.hear(chunk);
  rig.tell(MasterGone{Error{ErrorKind::unavailable, "broken", {}}});
  rig.rests_with(ExitCode::network);
  rig.tell(ChunkStored{1, fail(ErrorKind::protocol, "the hash of a chunk is wrong"), 4});
  CHECK(rig.actions.empty());
  rig.meets(1, "10.0.0.2");
  rig.hear(rig.manifest(1));
  CHECK(rig.find<BeginScene>() != nullptr);
}

TEST_CASE("a device that failed for one master is tried again for the next", "[slave]") {
  WarmRig rig;
  rig.become_ready();
  rig.hear(rig.grant(9, {{0, 0, 1}}));
  rig.tell(JobEnded{rig.find<RenderUnits>()->lease.id, {}});
  rig.hear(FrameEnd{1});
  rig.tell(MasterGone{Error{ErrorKind::unavailable, "broken", {}}});
  rig.meets(1, "10.0.0.2");
  ManifestPart part = rig.manifest(1);
  part.chunks = {chunk_id_of(bytes_of_value(8))};
  rig.hear(part);
  rig.tell(SceneBegun{2, {}, {}, 0, 4});
  rig.tell(SceneRebuilt{2, rig.settings});
  rig.tell(MasterGone{Error{ErrorKind::unavailable, "broken", {}}});
  rig.tell(DeviceUploaded{0, 2, fail(ErrorKind::exhausted, "GPU 0 needs 9.4 GB")});
  CHECK(rig.find<EndSlave>() == nullptr);  // nobody waits for it
  rig.meets(2, "10.0.0.3");
  rig.hear(part);
  CHECK(rig.find<UploadScene>() != nullptr);
}

namespace {

SlaveCoreConfig two_gpus() {
  SlaveCoreConfig config = a_config();
  config.devices = {{DeviceKind::cuda, 0, "GPU", 1, 0}, {DeviceKind::cuda, 1, "GPU", 1, 0}};
  config.canaries.resize(2);
  return config;
}

const Error kLost{ErrorKind::unavailable, "GPU 1 GPU: rendering failed", "start it again"};
constexpr const char* kLeftOut =
    "GPU 1 GPU: rendering failed; GPU 1 is left out, the slave goes on with GPU 0";

/// Two GPUs that have the scene; the second one has a lease.
void give_lease_to_second(Rig& rig) {
  rig.become_ready();
  rig.tell(DeviceUploaded{1, 1, {}});
  LeaseGrant grant = rig.grant(4, {{0, 0, 1}, {1, 0, 1}});
  grant.device = 1;
  rig.hear(grant);
  REQUIRE(rig.find<RenderUnits>() != nullptr);
}

}  // namespace

TEST_CASE("a GPU that is lost gives its lease back, and the slave goes on with the other one", "[slave]") {
  Rig rig(two_gpus());
  give_lease_to_second(rig);
  rig.tell(JobEnded{1, fail(kLost)});
  REQUIRE(rig.sent<LeaseReturn>() != nullptr);
  CHECK(rig.sent<LeaseReturn>()->lease == 4);
  REQUIRE(rig.sent<DeviceReport>() != nullptr);
  CHECK(rig.sent<DeviceReport>()->state == DeviceState::failed);
  CHECK(rig.sent<DeviceReport>()->text == kLeftOut);
  CHECK(rig.said(kLeftOut));
  rig.tell(DeviceLost{1, kLost});
  CHECK(rig.sent<DeviceReport>() == nullptr);  // it is known already
  CHECK(rig.sent<Goodbye>() == nullptr);
}

TEST_CASE("a GPU that hangs gives its lease back, whatever comes of it", "[slave]") {
  Rig rig(two_gpus());
  give_lease_to_second(rig);
  rig.tell(UnitsFinished{1, a_contribution(rig.settings, {0, 0, 1})});
  rig.tell(DeviceLost{1, kLost, true});
  REQUIRE(rig.find<SendContributions>() != nullptr);
  REQUIRE(rig.sent<LeaseReturn>() != nullptr);
  CHECK(rig.sent<LeaseReturn>()->lease == 4);
  REQUIRE(rig.sent<DeviceReport>() != nullptr);
  CHECK(rig.sent<DeviceReport>()->text == kLeftOut);
  rig.tell(JobEnded{1, fail(kLost)});
  CHECK(rig.sent<LeaseReturn>() == nullptr);
}

TEST_CASE("a GPU that is lost gets no scene of a later frame", "[slave]") {
  Rig rig(two_gpus());
  give_lease_to_second(rig);
  rig.tell(DeviceLost{1, kLost, true});
  rig.hear(FrameEnd{1});
  ManifestPart second = rig.manifest(2);
  second.chunks = {chunk_id_of(bytes_of_value(8))};
  rig.hear(second);
  rig.tell(SceneBegun{2, {}, {}, 0, 4});
  rig.tell(SceneRebuilt{2, rig.settings});
  std::size_t uploads = 0;
  for (const SlaveAction& action : rig.actions) {
    const auto* upload = std::get_if<UploadScene>(&action);
    uploads += upload != nullptr ? 1 : 0;
    if (upload != nullptr) CHECK(upload->device == 0);
  }
  CHECK(uploads == 1);
  CHECK(rig.said(kLeftOut));
}

TEST_CASE("a slave whose last device is lost leaves with the reason", "[slave]") {
  Rig rig(two_gpus());
  give_lease_to_second(rig);
  rig.tell(DeviceLost{1, kLost, true});
  rig.tell(DeviceLost{0, kLost, true});
  REQUIRE(rig.sent<Goodbye>() != nullptr);
  CHECK(rig.sent<Goodbye>()->reason == GoodbyeReason::failed);
  CHECK(rig.sent<Goodbye>()->text == kLost.message);
}

TEST_CASE("a warm slave with a GPU that is lost ends where it would rest", "[slave]") {
  SlaveCoreConfig config = two_gpus();
  config.supervised = config.warm = true;
  Rig rig(config);
  give_lease_to_second(rig);
  rig.tell(JobEnded{1, fail(kLost)});
  rig.tell(DeviceLost{1, kLost});
  rig.hear(Goodbye{GoodbyeReason::finished, ""});
  rig.tell(MasterGone{Error{ErrorKind::unavailable, "closed", {}}});
  CHECK(rig.find<Rest>() == nullptr);
  REQUIRE(rig.find<EndSlave>() != nullptr);
  CHECK(rig.find<EndSlave>()->code == ExitCode::done);
}

TEST_CASE("a warm slave whose GPU is lost while it rests ends", "[slave]") {
  SlaveCoreConfig config = two_gpus();
  config.supervised = config.warm = true;
  Rig rig(config);
  give_lease_to_second(rig);
  rig.hear(Goodbye{GoodbyeReason::finished, ""});
  rig.tell(MasterGone{Error{ErrorKind::unavailable, "closed", {}}});
  SECTION("the error of its last job comes first") {
    rig.tell(JobEnded{1, fail(kLost)});
    rig.tell(DeviceLost{1, kLost});
  }
  SECTION("it hangs, and its job never ends") {
    rig.tell(DeviceLost{1, kLost, true});
    CHECK(rig.find<Rest>() == nullptr);
  }
  REQUIRE(rig.find<EndSlave>() != nullptr);
  CHECK(rig.find<EndSlave>()->code == ExitCode::done);
}

TEST_CASE("a slave whose devices are all lost says so before it fetches a scene", "[slave]") {
  Rig rig(two_gpus());
  rig.become_accepted();
  SECTION("lost while the scene is under way") {
    rig.hear(rig.manifest(1));
    rig.tell(DeviceLost{0, kLost});
    CHECK(rig.sent<Goodbye>() == nullptr);
    rig.tell(DeviceLost{1, kLost});
  }
  SECTION("lost before a frame is announced") {
    rig.tell(DeviceLost{0, kLost});
    rig.tell(DeviceLost{1, kLost});
    CHECK(rig.sent<Goodbye>() == nullptr);  // nobody wants anything of it
    rig.hear(rig.manifest(1));
  }
  REQUIRE(rig.sent<Goodbye>() != nullptr);
  CHECK(rig.sent<Goodbye>()->reason == GoodbyeReason::failed);
  CHECK(rig.sent<Goodbye>()->text == kLost.message);
}

TEST_CASE("a slave that is told to stop waits for no device that hangs", "[slave]") {
  Rig rig(two_gpus());
  give_lease_to_second(rig);
  rig.tell(SlaveStopAsked{});
  rig.now += seconds(9);
  rig.tell(SlaveTick{});
  CHECK(rig.find<EndSlave>() == nullptr);
  rig.now += seconds(2);
  rig.tell(SlaveTick{});
  REQUIRE(rig.find<EndSlave>() != nullptr);
  CHECK(rig.find<EndSlave>()->code == ExitCode::done);
}

TEST_CASE("scenes that are kept give way to one that needs their room", "[slave]") {
  WarmRig rig;
  rig.become_warm();
  rig.meets(1, "10.0.0.2");
  ManifestPart part = rig.manifest(1);
  part.chunks = {chunk_id_of(bytes_of_value(8))};
  rig.hear(part);
  REQUIRE(rig.find<BeginScene>() != nullptr);
  CHECK(rig.find<BeginScene>()->build == 2);
  CHECK(rig.find<ForgetScene>() == nullptr);
  SceneBegun begun{2, {}, {}, 0, 4};
  const auto is_dropped = [&] {
    REQUIRE(rig.find<ForgetScene>() != nullptr);
    CHECK(rig.find<ForgetScene>()->build == 1);
    REQUIRE(rig.find<ReleaseSlot>() != nullptr);
    CHECK(rig.find<ReleaseSlot>()->slot == 0);
  };
  SECTION("in the computer's memory, as far as it is known") {
    begun.is_memory_short = true;
    rig.tell(begun);
    is_dropped();
    CHECK(rig.find<RebuildScene>() != nullptr);
  }
  SECTION("or for its trees, when it is known how often its meshes are placed") {
    rig.tell(begun);
    CHECK(rig.find<ForgetScene>() == nullptr);
    rig.tell(SceneRebuilt{2, rig.settings, true});
    is_dropped();
    CHECK(rig.find<UploadScene>() != nullptr);
  }
  SECTION("or as it turns out") {
    begun.result = fail(ErrorKind::exhausted, "no memory");
    rig.tell(begun);
    is_dropped();
    REQUIRE(rig.find<BeginScene>() != nullptr);
    CHECK(rig.find<BeginScene>()->build == 2);
    CHECK(rig.find<BeginScene>()->chunks == part.chunks);
    rig.tell(begun);  // now there is no room for it
    CHECK(rig.sent<Goodbye>() != nullptr);
  }
  SECTION("or in a device's") {
    rig.tell(begun);
    CHECK(rig.find<ForgetScene>() == nullptr);
    rig.tell(SceneRebuilt{2, rig.settings});
    rig.tell(DeviceUploaded{0, 2, fail(ErrorKind::exhausted, "GPU 0 needs 9.4 GB")});
    is_dropped();
    REQUIRE(rig.find<UploadScene>() != nullptr);
    CHECK(rig.sent<DeviceReport>() == nullptr);
    rig.tell(DeviceUploaded{0, 2, {}});
    REQUIRE(rig.sent<DeviceReport>() != nullptr);
    CHECK(rig.sent<DeviceReport>()->state == DeviceState::ready);
  }
}

namespace {

/// A slave whose master is named by a file.
struct FollowingRig : Rig {
  FollowingRig() : Rig(config_without_address()) {}

  static SlaveCoreConfig config_without_address() {
    SlaveCoreConfig config = a_config();
    config.master = {};
    config.timeout = seconds(60);
    return config;
  }
  void moves_to(const char* address) { tell(MasterMoved{{address, 21000}}); }
  bool connects_to(const char* address) const {
    const auto* connect = find<ConnectToMaster>();
    return connect != nullptr && connect->master == Endpoint{address, 21000};
  }
  void become_accepted_at(const char* address) {
    tell(SlaveStarted{});
    moves_to(address);
    tell(MasterReached{});
    hear(MasterWelcome{"DESK", 0, 1000, 15000});
  }
};

}  // namespace

TEST_CASE("a slave that has no address yet waits for one", "[slave]") {
  FollowingRig rig;
  rig.tell(SlaveStarted{});
  CHECK(rig.find<ConnectToMaster>() == nullptr);
  rig.now += seconds(59);
  rig.tell(SlaveTick{});
  CHECK(rig.actions.empty());
  SECTION("and connects when it comes") {
    rig.moves_to("10.0.0.7");
    CHECK(rig.connects_to("10.0.0.7"));
    CHECK(rig.said("Connecting to master 10.0.0.7:21000 ..."));
  }
  SECTION("but not for ever, if it is told so") {
    rig.now += seconds(1);
    rig.tell(SlaveTick{});
    REQUIRE(rig.find<EndSlave>() != nullptr);
    CHECK(rig.find<EndSlave>()->code == ExitCode::network);
    CHECK(rig.find<EndSlave>()->error->message == "no master wrote its address within 60 s");
  }
  SECTION("and ends when it is asked to") {
    rig.tell(SlaveStopAsked{});
    REQUIRE(rig.find<EndSlave>() != nullptr);
    CHECK(rig.find<EndSlave>()->code == ExitCode::done);
  }
}

TEST_CASE("a slave that waits or connects goes to the new address at once", "[slave]") {
  FollowingRig rig;
  rig.tell(SlaveStarted{});
  rig.moves_to("10.0.0.7");
  SECTION("while it connects") {
    rig.moves_to("10.0.0.7");
    CHECK(rig.actions.empty());
    rig.moves_to("10.0.0.8");
    CHECK(rig.find<DropMaster>() != nullptr);
    CHECK(rig.connects_to("10.0.0.8"));
  }
  SECTION("while it waits for the next attempt") {
    rig.tell(MasterNotReached{Error{ErrorKind::unavailable, "connection refused", {}}, {}, 0});
    rig.moves_to("10.0.0.8");
    CHECK(rig.connects_to("10.0.0.8"));
  }
  SECTION("while it waits, and the same master was started again") {
    rig.tell(MasterNotReached{Error{ErrorKind::unavailable, "connection refused", {}}, {}, 0});
    rig.moves_to("10.0.0.7");
    CHECK(rig.connects_to("10.0.0.7"));
  }
}

TEST_CASE("a slave leaves its master for the one that the file names", "[slave]") {
  FollowingRig rig;
  rig.become_accepted_at("10.0.0.7");
  rig.moves_to("10.0.0.7");
  CHECK(rig.actions.empty());
  rig.moves_to("10.0.0.8");
  REQUIRE(rig.sent<Goodbye>() != nullptr);
  CHECK(rig.sent<Goodbye>()->reason == GoodbyeReason::leaving);
  CHECK(rig.find<ConnectToMaster>() == nullptr);
  SECTION("which closes") {
    rig.tell(MasterGone{Error{ErrorKind::cancelled, "closed", {}}});
  }
  SECTION("which does not close") {
    rig.now += milliseconds(2900);
    rig.tell(SlaveTick{});
    CHECK(rig.find<ConnectToMaster>() == nullptr);
    rig.now += milliseconds(200);
    rig.tell(SlaveTick{});
  }
  SECTION("and by then it names a third") {
    rig.moves_to("10.0.0.9");
    CHECK(rig.actions.empty());
    rig.moves_to("10.0.0.8");
    rig.tell(MasterGone{Error{ErrorKind::cancelled, "closed", {}}});
  }
  CHECK(rig.find<DropMaster>() != nullptr);
  CHECK(rig.connects_to("10.0.0.8"));
  rig.tell(MasterReached{});
  REQUIRE(rig.sent<SlaveHello>() != nullptr);
  rig.hear(MasterWelcome{"OTHER", 0, 1000, 15000});
  rig.now += seconds(10);
  rig.tell(SlaveTick{});
  CHECK(rig.find<DropMaster>() == nullptr);
}

TEST_CASE("what a slave has finished is answered before it leaves for another master", "[slave]") {
  Rig rig;
  rig.become_ready();
  rig.hear(rig.grant(9, {{0, 0, 1}, {1, 0, 1}}));
  const std::uint64_t job = rig.find<RenderUnits>()->lease.id;
  rig.tell(UnitsFinished{job, a_contribution(rig.settings, {0, 0, 1})});
  rig.tell(MasterMoved{{"10.0.0.8", 21000}});
  CHECK(rig.find<CancelJob>() != nullptr);
  CHECK(rig.sent<Goodbye>() == nullptr);
  rig.tell(JobEnded{job, fail(ErrorKind::cancelled, "cancelled")});
  CHECK(rig.find<SendContributions>() != nullptr);
  CHECK(rig.sent<LeaseReturn>() != nullptr);
  CHECK(rig.sent<Goodbye>() != nullptr);
  rig.tell(MasterGone{Error{ErrorKind::cancelled, "closed", {}}});
  REQUIRE(rig.find<ConnectToMaster>() != nullptr);
  CHECK(rig.find<ConnectToMaster>()->master.address == "10.0.0.8");
}

TEST_CASE("a slave that is told to end follows nobody", "[slave]") {
  FollowingRig rig;
  rig.become_accepted_at("10.0.0.7");
  rig.moves_to("10.0.0.8");
  rig.tell(SlaveStopAsked{});
  REQUIRE(rig.find<EndSlave>() != nullptr);
  CHECK(rig.find<EndSlave>()->code == ExitCode::done);
  rig.moves_to("10.0.0.9");
  CHECK(rig.actions.empty());
}
