#include "unit/master/core_rig.hpp"

using namespace oct;
using oct::test::core_config;
using oct::test::CoreRig;

namespace {

constexpr LinkId kSlave = 1;

Digest some_digest() {
  return sha256(bytes_of_value(5));
}

}  // namespace

TEST_CASE("a slave is not left with a lease that others have answered", "[master]") {
  CoreRig rig(core_config(1, true));
  rig.add_frame(1, a_setting(64, 64, 1));
  rig.slave_joins();
  REQUIRE(rig.slave_leases[kSlave].size() == 2);
  rig.slave_answers(kSlave, 2);  // slow: 128 samples a second
  REQUIRE(rig.slave_leases[kSlave].size() == 2);
  const LeaseGrant waiting = rig.slave_leases[kSlave].back();

  rig.open_local(0);
  rig.local_answers_until(0, waiting.units.at(0));
  rig.tell(Tick{});
  CHECK(rig.recalled.empty());
  rig.local_answers(0, 0.01);
  CHECK(rig.frames_ended.empty());
  rig.tell(Tick{});
  CHECK(rig.recalled == std::vector<std::uint64_t>{waiting.lease});
  rig.tell(Tick{});
  CHECK(rig.recalled.size() == 1);

  rig.tell(LinkMessage{kSlave, LeaseReturn{waiting.lease, "recalled"}});
  const SlaveStatus status = rig.core->slaves(rig.now).at(0);
  CHECK(status.leases_returned == 0);  // no loss
  CHECK(status.leases_merged == 1);

  // What only the slave holds completes the picture.
  rig.slave_answers(kSlave, 0);
  REQUIRE(rig.frames_ended.size() == 1);
  CHECK(rig.frames_ended[0].reason == EndReason::complete);
  CHECK(rig.frames_ended[0].samples_merged == 64 * 64);
  CHECK(rig.core->ledger(1) == nullptr);
}

TEST_CASE("a device of this computer is not left with one either", "[master]") {
  CoreRig rig(core_config(2, false));
  rig.add_frame(1, a_setting(64, 64, 1));
  rig.open_local(0);
  rig.local_answers(0, 2);
  const Lease waiting = rig.local_leases[0].back();
  rig.open_local(1);
  rig.local_answers_until(1, waiting.units.at(0));
  rig.local_answers(1, 0.01);
  rig.tell(Tick{});
  CHECK(rig.recalled == std::vector<std::uint64_t>{waiting.id});
  rig.tell(LocalLeaseEnded{0, waiting.id, Error{ErrorKind::cancelled, "cancelled", {}}});
  CHECK(rig.frames_ended.empty());
  CHECK(rig.core->local_devices().at(0).usable);
}

TEST_CASE("a slave that fills its way is granted several passes as one sum, and people are told",
          "[master]") {
  CoreRig rig(core_config(0, true, {}));
  rig.add_frame(1, a_setting(256, 256, 64));
  rig.slave_joins();
  const auto is_wide = [](const LeaseGrant& lease) {
    return std::any_of(lease.units.begin(), lease.units.end(),
                       [](const UnitRange& units) { return units.last_pass - units.first_pass > 1; });
  };
  auto& leases = rig.slave_leases[kSlave];
  for (const LeaseGrant& lease : leases) CHECK_FALSE(is_wide(lease));
  const auto answer_all = [&] {
    const LeaseGrant lease = leases.front();
    leases.pop_front();
    std::vector<FilmContribution> contributions;
    for (const UnitRange& units : lease.units) contributions.push_back(rig.right(1, units));
    rig.tell(LinkAnswers{kSlave, lease.lease, 1, std::move(contributions), 1'000'000}, 1);
  };
  answer_all();
  rig.tell(LinkMessage{kSlave, Heartbeat{1, 100'000}});
  CHECK_FALSE(rig.core->slaves(rig.now).at(0).network_bound);
  answer_all();
  rig.tell(LinkMessage{kSlave, Heartbeat{2, 1'100'000}});  // the whole second
  const SlaveStatus status = rig.core->slaves(rig.now).at(0);
  CHECK(status.network_bound);
  CHECK(doing_text(status).find(", network-bound") != std::string::npos);
  leases.pop_front();  // granted before
  answer_all();
  REQUIRE_FALSE(leases.empty());
  CHECK(is_wide(leases.back()));
}

// Frames.

namespace {

/// Leases of everything: whoever is there first renders all of a small picture.
MasterCoreConfig large_leases(std::uint32_t local_devices, bool network) {
  return core_config(local_devices, network, DispatchLimits{});
}

void answer_all(CoreRig& rig, std::uint32_t local) {
  while (!rig.local_leases[local].empty()) {
    const std::uint64_t lease = rig.local_leases[local].front().id;
    rig.local_answers(local, 0.01, rig.local_slots.at(lease) == 0 ? 1 : 2);
  }
}

}  // namespace

TEST_CASE("two frames are under way at a time, each in a slot of its own", "[master]") {
  CoreRig rig(large_leases(1, true));
  rig.add_frame(1, a_setting(64, 64, 1));
  rig.add_frame(2, a_setting(64, 64, 1));
  rig.add_frame(3, a_setting(64, 64, 1));
  rig.tell(LocalDeviceOpened{0, DeviceInfo{}, Digest()});
  REQUIRE(rig.uploads.size() == 2);
  CHECK(rig.uploads[0].frame == 1);
  CHECK(rig.uploads[0].slot == 0);
  CHECK(rig.uploads[1].frame == 2);
  CHECK(rig.uploads[1].slot == 1);
  rig.slave_says_hello(kSlave);
  CHECK(rig.announced == std::vector<FrameId>{1, 2});

  rig.finish_uploads();
  while (rig.frames_ended.empty()) rig.local_answers(0, 0.01);
  CHECK(rig.frames_ended[0].frame == 1);
  CHECK(rig.retracted == std::vector<FrameId>{1});
  CHECK(rig.announced == std::vector<FrameId>{1, 2, 3});
  REQUIRE(rig.uploads.size() == 1);
  CHECK(rig.uploads[0].frame == 3);
  CHECK(rig.uploads[0].slot == 0);
  CHECK(rig.core->ledger(1) == nullptr);
  CHECK(rig.core->ledger(3) != nullptr);
}

TEST_CASE("a lease names the slot of its frame", "[master]") {
  CoreRig rig(large_leases(1, false));
  rig.add_frame(1, a_setting(64, 64, 1));
  rig.add_frame(2, a_setting(64, 64, 1));
  rig.open_local(0);
  REQUIRE(rig.local_leases[0].size() == 2);
  CHECK(rig.local_slots.at(rig.local_leases[0][0].id) == 0);
  CHECK(rig.local_slots.at(rig.local_leases[0][1].id) == 1);
}

TEST_CASE("a session ends when no more frames come and the last one is done", "[master]") {
  CoreRig rig(large_leases(1, true));
  rig.open_local(0);
  rig.add_frame(1, a_setting(64, 64, 1));
  rig.finish_uploads();
  rig.slave_says_hello(kSlave);
  SECTION("known before") {
    rig.tell(NoMoreFrames{});
    CHECK_FALSE(rig.session_ended);
    answer_all(rig, 0);
  }
  SECTION("or after") {
    answer_all(rig, 0);
    REQUIRE(rig.frames_ended.size() == 1);
    CHECK_FALSE(rig.session_ended);
    rig.tell(NoMoreFrames{});
  }
  CHECK(rig.frames_ended.size() == 1);
  CHECK(rig.session_ended);
  CHECK(rig.goodbyes == std::vector<GoodbyeReason>{GoodbyeReason::finished});
  rig.add_frame(2, a_setting(64, 64, 1));  // too late
  CHECK(rig.latest.empty());
}

TEST_CASE("a slave that is there is told of a frame that is added", "[master]") {
  CoreRig rig(large_leases(0, true));
  rig.slave_says_hello(kSlave);
  CHECK(rig.announced.empty());
  rig.add_frame(1, a_setting(64, 64, 1));
  CHECK(rig.announced == std::vector<FrameId>{1});
  CHECK(rig.slave_leases[kSlave].empty());
  rig.slave_is_ready(kSlave, 1);
  REQUIRE(rig.slave_leases[kSlave].size() == 1);
  CHECK(rig.slave_leases[kSlave][0].frame == 1);
}

TEST_CASE("what comes of a frame that has ended is dropped", "[master]") {
  CoreRig rig(large_leases(1, true));
  rig.add_frame(1, a_setting(64, 64, 1));
  rig.add_frame(2, a_setting(64, 64, 1));
  rig.slave_joins();
  const LeaseGrant lease = rig.slave_leases[kSlave].at(0);
  rig.tell(LinkMessage{kSlave, LeaseReturn{lease.lease, "busy"}});  // the slave forgets what it returned
  rig.open_local(0);
  while (rig.frames_ended.empty()) rig.local_answers(0, 0.01);
  const std::size_t merged = rig.merged.size();
  rig.tell(LinkAnswers{kSlave, lease.lease, 1, {rig.right(1, lease.units.at(0))}, 100});
  CHECK(rig.merged.size() == merged);
  CHECK(rig.core->slaves(rig.now).at(0).contributions_dropped == 1);
  CHECK(rig.core->slaves(rig.now).at(0).connected);
}

TEST_CASE("a contribution that names another frame than its lease is dropped", "[master]") {
  CoreRig rig(large_leases(0, true));
  rig.add_frame(1, a_setting(64, 64, 1));
  rig.add_frame(2, a_setting(64, 64, 1));
  rig.slave_joins();
  const LeaseGrant lease = rig.slave_leases[kSlave].at(0);
  REQUIRE(lease.frame == 1);
  rig.tell(LinkAnswers{kSlave, lease.lease, 2, {rig.right(2, lease.units.at(0))}, 100});
  CHECK(rig.merged.empty());
}

TEST_CASE("a frame that an earlier run has rendered in part is completed", "[master]") {
  CoreRig rig(large_leases(1, false));
  const RenderSettings picture = a_setting(64, 64, 1);
  std::vector<bool> filled(16, true);
  SECTION("in part") {
    filled[11] = false;
    rig.settings[1] = picture;
    rig.tell(FrameAdded{1, picture, ServedScene{}, filled});
    rig.open_local(0);
    REQUIRE(rig.local_leases[0].size() == 1);
    REQUIRE(rig.local_leases[0][0].units.size() == 1);
    CHECK(rig.local_leases[0][0].units[0].tile == 11);
    rig.local_answers(0, 0.1);
    CHECK(rig.merged.size() == 1);
  }
  SECTION("or wholly") {
    rig.tell(FrameAdded{1, picture, ServedScene{}, filled});
    CHECK(rig.frames_ended.empty());  // whoever added it does not know its number yet
    rig.tell(Tick{});
    CHECK(rig.merged.empty());
  }
  REQUIRE(rig.frames_ended.size() == 1);
  CHECK(rig.frames_ended[0].reason == EndReason::complete);
  CHECK(rig.frames_ended[0].samples_merged == 64 * 64);
}

TEST_CASE("asked to stop, a session ends when what is under way has come, or the grace is over", "[master]") {
  CoreRig rig(core_config(1, false));
  rig.add_frame(1, a_setting(64, 64, 1));
  rig.add_frame(2, a_setting(64, 64, 1));
  rig.add_frame(3, a_setting(64, 64, 1));
  rig.open_local(0);
  rig.local_answers(0, 0.1);
  REQUIRE(rig.local_leases[0].size() == 2);
  rig.tell(StopAsked{});
  CHECK(rig.recalled.size() == 2);
  CHECK_FALSE(rig.session_ended);
  SECTION("it has come") {
    rig.local_answers(0, 0.1);
    CHECK_FALSE(rig.session_ended);
    rig.local_answers(0, 0.1);
    CHECK(rig.frames_ended.at(0).samples_merged == 3 * 256);
  }
  SECTION("it was handed back") {
    for (const Lease& lease : std::exchange(rig.local_leases[0], {}))
      rig.tell(LocalLeaseEnded{0, lease.id, Error{ErrorKind::cancelled, "cancelled", {}}});
  }
  SECTION("it does not come") {
    rig.tell(Tick{}, 1.9);
    CHECK_FALSE(rig.session_ended);
    rig.tell(Tick{}, 0.2);
  }
  CHECK(rig.session_ended);
  REQUIRE(rig.frames_ended.size() == 3);
  for (const FrameEnded& frame : rig.frames_ended) CHECK(frame.reason == EndReason::stopped);
  CHECK(rig.frames_ended[0].filled.at(0));
  CHECK_FALSE(rig.frames_ended[0].filled.at(15));
}

TEST_CASE("a scene that no device here can take ends its frame alone", "[master]") {
  CoreRig rig(large_leases(2, false));
  rig.add_frame(1, a_setting(64, 64, 1));
  rig.add_frame(2, a_setting(64, 64, 1));
  for (std::uint32_t local = 0; local < 2; ++local)
    rig.tell(LocalDeviceOpened{local, DeviceInfo{}, Digest()});
  rig.tell(LocalUploaded{0, 1, fail(ErrorKind::exhausted, "needs 9.4 GB")});
  CHECK(rig.frames_ended.empty());  // the other may take it
  REQUIRE(rig.notice<notice::LocalDeviceFailed>() != nullptr);
  rig.tell(LocalUploaded{1, 1, fail(ErrorKind::exhausted, "needs 9.4 GB")});
  REQUIRE(rig.frames_ended.size() == 1);
  CHECK(rig.frames_ended[0].frame == 1);
  CHECK(rig.frames_ended[0].reason == EndReason::failed);
  REQUIRE(rig.frames_ended[0].error);
  CHECK(rig.frames_ended[0].error->message == "needs 9.4 GB");

  rig.tell(LocalUploaded{0, 2, {}});
  REQUIRE_FALSE(rig.local_leases[0].empty());
  CHECK(rig.local_slots.at(rig.local_leases[0][0].id) == 1);
}

// Trust.

TEST_CASE("a device of this computer that fails the built-in check renders nothing", "[master]") {
  MasterCoreConfig config = large_leases(1, false);
  config.canary = some_digest();
  CoreRig rig(config);
  rig.add_frame(1, a_setting(64, 64, 1));
  DeviceInfo info;
  info.name = "GPU 7";
  rig.tell(LocalDeviceOpened{0, info, Digest()});
  const auto* refused = rig.notice<notice::DeviceRefused>();
  REQUIRE(refused != nullptr);
  CHECK(refused->device == "GPU 7");
  CHECK(refused->slave.empty());
  CHECK(refused->verdict.check == DeviceCheck::canary);
  CHECK(rig.uploads.empty());
  REQUIRE(rig.frames_ended.size() == 1);
  CHECK(rig.frames_ended[0].reason == EndReason::failed);
  CHECK_FALSE(rig.core->local_devices().at(0).usable);
}

TEST_CASE("a device of this computer that cannot compute the check is left out for that reason", "[master]") {
  MasterCoreConfig config = large_leases(2, false);
  config.local_names = {"GPU 0", "GPU 1"};
  CoreRig rig(config);
  rig.add_frame(1, a_setting(64, 64, 1));
  rig.tell(LocalDeviceOpened{1, DeviceInfo{}, fail(ErrorKind::unavailable, "lost")});
  const auto* failed = rig.notice<notice::LocalDeviceFailed>();
  REQUIRE(failed != nullptr);
  CHECK(failed->error.message == "lost");
  CHECK(failed->device == "GPU 1");
  CHECK(failed->others == std::vector<std::string>{"GPU 0"});
  CHECK(rig.frames_ended.empty());
}

TEST_CASE("devices that fail before there is a frame are left out of it, and end it when none is left",
          "[master]") {
  MasterCoreConfig config = large_leases(2, false);
  config.local_names = {"GPU 0", "the CPU"};
  CoreRig rig(config);
  rig.tell(LocalDeviceFailed{0, Error{ErrorKind::unavailable, "GPU 0: the GPU cannot be used", "restart"}});
  const auto* failed = rig.notice<notice::LocalDeviceFailed>();
  REQUIRE(failed != nullptr);
  CHECK(phrase(*failed).text ==
        "GPU 0: the GPU cannot be used; GPU 0 is left out, the render goes on with the CPU");
  SECTION("one is left") {
    rig.open_local(1);
    rig.add_frame(1, a_setting(64, 64, 1));
    rig.finish_uploads();
    CHECK_FALSE(rig.local_leases[1].empty());
  }
  SECTION("none is left") {
    rig.tell(LocalDeviceFailed{1, Error{ErrorKind::unavailable, "no thread", {}}});
    rig.add_frame(1, a_setting(64, 64, 1));
    rig.tell(NoMoreFrames{});
    REQUIRE(rig.frames_ended.size() == 1);
    REQUIRE(rig.frames_ended[0].error);
    CHECK(rig.frames_ended[0].error->message == "no thread");
    CHECK(rig.frames_ended[0].error->kind == ErrorKind::exhausted);
  }
}

TEST_CASE("slaves go on where no device of this computer is left", "[master]") {
  MasterCoreConfig config = large_leases(1, true);
  config.local_names = {"GPU 0"};
  CoreRig rig(config);
  rig.tell(LocalDeviceFailed{0, Error{ErrorKind::unavailable, "GPU 0: rendering failed", {}}});
  REQUIRE(rig.notice<notice::LocalDeviceFailed>() != nullptr);
  CHECK(phrase(*rig.notice<notice::LocalDeviceFailed>()).text ==
        "GPU 0: rendering failed; GPU 0 is left out, the render goes on with slaves");
}

TEST_CASE("a device of a slave that fails the built-in check renders nothing", "[master]") {
  MasterCoreConfig config = large_leases(0, true);
  config.canary = some_digest();
  CoreRig rig(config);
  rig.add_frame(1, a_setting(64, 64, 1));
  SECTION("its only one: the slave is sent away") {
    rig.slave_says_hello(kSlave, "ODD", 1, {});
    rig.slave_is_ready(kSlave, 1);
    REQUIRE(rig.sent<Goodbye>() != nullptr);
    CHECK(rig.sent<Goodbye>()->reason == GoodbyeReason::rejected);
  }
  SECTION("one of two: the other renders") {
    rig.tell(LinkOpened{kSlave, "10.0.0.1", false});
    SlaveHello hello;
    hello.name = "ODD";
    hello.devices = {{DeviceKind::cuda, 0, "GPU", 1, 0}, {DeviceKind::cuda, 1, "GPU", 1, 0}};
    hello.canaries = {{Digest{}}, {some_digest()}};
    rig.tell(LinkMessage{kSlave, hello});
    rig.slave_is_ready(kSlave, 1, 0);
    CHECK(rig.sent<Goodbye>() == nullptr);
    CHECK(rig.slave_leases[kSlave].empty());
    rig.slave_is_ready(kSlave, 1, 1);
    REQUIRE_FALSE(rig.slave_leases[kSlave].empty());
    CHECK(rig.slave_leases[kSlave][0].device == 1);
  }
  SECTION("both: the slave is sent away") {
    rig.slave_says_hello(kSlave, "ODD", 2, {});
    rig.slave_is_ready(kSlave, 1, 0);
    rig.slave_is_ready(kSlave, 1, 1);
    REQUIRE(rig.sent<Goodbye>() != nullptr);
    CHECK(rig.slave_leases[kSlave].empty());
  }
  const auto* refused = rig.notice<notice::DeviceRefused>();
  REQUIRE(refused != nullptr);
  CHECK(refused->slave == "ODD");
  CHECK(refused->slave_address == "10.0.0.1");
  CHECK(refused->verdict.check == DeviceCheck::canary);
}

TEST_CASE("a device that failed the built-in check is told so again on its next connection", "[master]") {
  MasterCoreConfig config = large_leases(0, true);
  config.canary = some_digest();
  CoreRig rig(config);
  rig.add_frame(1, a_setting(64, 64, 1));
  rig.slave_says_hello(kSlave, "ODD", 1, {});
  rig.slave_is_ready(kSlave, 1);
  REQUIRE(rig.sent<Goodbye>() != nullptr);
  CHECK(rig.sent<Goodbye>()->text == "GPU: it computes the built-in test render differently");
  rig.tell(LinkClosed{kSlave, {}});

  constexpr LinkId kAgain = kSlave + 1;
  rig.tell(LinkOpened{kAgain, "10.0.0.1", false});
  SlaveHello hello;
  hello.name = "ODD";
  hello.devices = {{DeviceKind::cuda, 0, "GPU", 1, 0}};
  hello.canaries = {{some_digest()}};
  rig.tell(LinkMessage{kAgain, hello});
  rig.slave_is_ready(kAgain, 1);
  REQUIRE(rig.sent<Goodbye>() != nullptr);
  // This one passes; who cannot be told from it did not.
  CHECK(rig.sent<Goodbye>()->text ==
        "GPU: a device of the same computer, number and name was shut out before: it computes the built-in "
        "test "
        "render differently");
  CHECK(rig.slave_leases[kAgain].empty());
}

TEST_CASE("a device that takes the place of one that was shut out is told of once, and its neighbour renders",
          "[master]") {
  MasterCoreConfig config = large_leases(0, true);
  config.canary = some_digest();
  CoreRig rig(config);
  rig.add_frame(1, a_setting(64, 64, 1));
  rig.add_frame(2, a_setting(64, 64, 1));
  rig.slave_says_hello(kSlave, "ODD", 1, {});
  rig.slave_is_ready(kSlave, 1);
  rig.tell(LinkClosed{kSlave, {}});
  rig.notices.clear();

  constexpr LinkId kAgain = kSlave + 1;
  rig.tell(LinkOpened{kAgain, "10.0.0.1", false});
  SlaveHello hello;
  hello.name = "ODD";
  hello.devices = {{DeviceKind::cuda, 0, "GPU", 1, 0}, {DeviceKind::cuda, 1, "GPU", 1, 0}};
  hello.canaries = {{some_digest()}, {some_digest()}};
  rig.tell(LinkMessage{kAgain, hello});
  rig.slave_is_ready(kAgain, 1, 0);
  const auto* refused = rig.notice<notice::DeviceRefused>();
  REQUIRE(refused != nullptr);
  CHECK(refused->verdict.check == DeviceCheck::canary);
  CHECK(refused->verdict.found_before);
  rig.notices.clear();
  rig.slave_is_ready(kAgain, 2, 0);
  CHECK(rig.notice<notice::DeviceRefused>() == nullptr);
  rig.slave_is_ready(kAgain, 1, 1);
  REQUIRE_FALSE(rig.slave_leases[kAgain].empty());
  CHECK(rig.slave_leases[kAgain][0].device == 1);
}

namespace {

MasterCoreConfig audited() {
  MasterCoreConfig config = core_config(1, true);
  config.audit.percent = 100;
  config.audit.longest_wait = milliseconds(1);
  config.audit.patience = {};
  return config;
}

}  // namespace

TEST_CASE("a slave's device that lies is shut out, and its tiles are rendered again", "[master]") {
  CoreRig rig(audited());
  rig.add_frame(1, a_setting(64, 64, 1));
  rig.slave_joins(kSlave, 1, "LIAR");
  rig.slave_answers(kSlave, 0.1, true);
  rig.slave_answers(kSlave, 0.1, true);
  const std::vector<UnitRange> lies = rig.merged;
  REQUIRE(lies.size() == 2);

  rig.tell(Tick{}, 0.1);
  // Nobody else is there: the reference renders them again.
  REQUIRE(rig.references.size() == 2);
  CHECK(rig.references[0].frame == 1);
  rig.tell(ReferenceRendered{1, rig.references[0].units, rig.right(1, rig.references[0].units)});
  const auto* refused = rig.notice<notice::DeviceRefused>();
  REQUIRE(refused != nullptr);
  CHECK(refused->slave == "LIAR");
  CHECK(refused->verdict.check == DeviceCheck::audit);
  CHECK(refused->units_rendered_again == 2);
  CHECK(rig.cleared == std::vector<std::uint32_t>{lies[0].tile, lies[1].tile});
  REQUIRE(rig.sent<Goodbye>() != nullptr);
  CHECK(rig.core->ledger(1)->samples_merged() == 0);
  CHECK(rig.core->slaves(rig.now).at(0).samples == 0);

  // A new connection changes nothing.
  rig.tell(LinkClosed{kSlave, Error{ErrorKind::cancelled, "closed", {}}});
  rig.slave_leases.clear();
  rig.tell(LinkOpened{2, "10.0.0.1", false});
  SlaveHello hello;
  hello.name = "LIAR";
  hello.devices = {{DeviceKind::cuda, 0, "GPU", 1, 0}};
  hello.canaries.resize(1);
  rig.tell(LinkMessage{2, hello});
  rig.slave_is_ready(2, 1);
  CHECK(rig.slave_leases[2].empty());

  // All of it is rendered by another.
  rig.open_local(0);
  while (rig.frames_ended.empty()) rig.local_answers(0, 0.1);
  CHECK(rig.frames_ended[0].reason == EndReason::complete);
  CHECK(rig.merged.size() == 2 + 16);
}

TEST_CASE("another computer's answer that differs is the reference's to decide", "[master]") {
  MasterCoreConfig config = large_leases(1, true);
  config.audit.percent = 100;
  config.audit.longest_wait = milliseconds(1);
  CoreRig rig(config);
  rig.add_frame(1, a_setting(16, 16, 1));  // one unit
  rig.open_local(0, DeviceKind::cuda);
  rig.slave_joins(kSlave, 1, "LIAR");
  rig.local_answers(0, 0.1);
  CHECK(rig.frames_ended.empty());  // it waits for the comparison
  // The slave, which held the same unit, gives it back and gets it once more, to compare.
  const LeaseGrant superseded = rig.slave_leases[kSlave].at(0);
  rig.slave_leases.clear();
  rig.tell(LinkMessage{kSlave, LeaseReturn{superseded.lease, "recalled"}});
  rig.tell(Tick{}, 0.1);
  REQUIRE(rig.slave_leases[kSlave].size() == 1);
  rig.slave_answers(kSlave, 0.1, true);
  REQUIRE(rig.references.size() == 1);
  CHECK(rig.merged.size() == 1);
  rig.tell(ReferenceRendered{1, rig.references[0].units, rig.right(1, rig.references[0].units)});
  REQUIRE(rig.notice<notice::DeviceRefused>() != nullptr);
  CHECK(rig.notice<notice::DeviceRefused>()->slave == "LIAR");
  CHECK(rig.notice<notice::DeviceRefused>()->units_rendered_again == 0);
  CHECK(rig.cleared.empty());
  REQUIRE(rig.frames_ended.size() == 1);
  CHECK(rig.frames_ended[0].reason == EndReason::complete);
}

TEST_CASE("a device of this computer that lies is shut out, too", "[master]") {
  MasterCoreConfig config = audited();
  config.local_devices = 2;
  config.network = false;
  CoreRig rig(config);
  rig.add_frame(1, a_setting(32, 16, 1));  // two units
  rig.open_local(0, DeviceKind::cuda);
  const Lease lease = rig.local_leases[0].front();
  rig.tell(LocalAnswer{0, lease.id, rig.wrong(1, lease.units[0])});
  rig.tell(Tick{}, 0.1);
  REQUIRE(rig.references.size() == 1);
  rig.tell(ReferenceRendered{1, lease.units[0], rig.right(1, lease.units[0])});
  REQUIRE(rig.notice<notice::DeviceRefused>() != nullptr);
  CHECK(rig.notice<notice::DeviceRefused>()->device == "device 0");
  CHECK(rig.notice<notice::DeviceRefused>()->slave.empty());
  CHECK_FALSE(rig.core->local_devices().at(0).usable);
  CHECK(rig.cleared == std::vector<std::uint32_t>{lease.units[0].tile});
  rig.open_local(1);
  rig.local_answers(1, 0.1);
  rig.local_answers(1, 0.1);
  CHECK(rig.frames_ended.size() == 1);
}

TEST_CASE("where the reference cannot render, the device is used, and people are told", "[master]") {
  CoreRig rig(audited());
  rig.add_frame(1, a_setting(16, 16, 1));
  rig.slave_joins();
  rig.slave_answers(kSlave, 0.1, true);
  REQUIRE(rig.references.size() == 1);
  CHECK(rig.frames_ended.empty());
  rig.tell(ReferenceRendered{1, rig.references[0].units, fail(ErrorKind::exhausted, "out of memory")});
  CHECK(rig.notice<notice::DeviceUnchecked>() != nullptr);
  CHECK(rig.notice<notice::DeviceRefused>() == nullptr);
  CHECK(rig.frames_ended.size() == 1);
}

TEST_CASE("stopped before its audits are decided, a frame is not complete, and its film says so",
          "[master]") {
  CoreRig rig(audited());
  rig.add_frame(1, a_setting(16, 16, 1));
  rig.slave_says_hello(kSlave, "A");
  rig.slave_is_ready(kSlave, 1);
  rig.slave_answers(kSlave, 0.1, true);
  REQUIRE(rig.core->ledger(1)->complete());
  CHECK(rig.frames_ended.empty());
  rig.tell(StopAsked{});
  rig.tell(Tick{}, 5);
  REQUIRE(rig.frames_ended.size() == 1);
  CHECK(rig.frames_ended[0].reason == EndReason::stopped);
  CHECK(rig.frames_ended[0].samples_merged == rig.frames_ended[0].samples_wanted);
  CHECK(rig.frames_ended[0].history.audits.size() == 1);
}

TEST_CASE("after the end was asked for, nothing of an unchecked device is merged", "[master]") {
  MasterCoreConfig config = audited();
  config.audit.percent = 1e-9;  // the first unit of each, and then hardly any
  CoreRig rig(config);
  rig.add_frame(1, a_setting(320, 320, 1));
  rig.slave_says_hello(kSlave, "LIAR");
  rig.slave_is_ready(kSlave, 1);
  SECTION("its answers were never compared") {
    rig.tell(StopAsked{});
    rig.slave_answers(kSlave, 0.1, true);
    CHECK(rig.merged.empty());
    CHECK(rig.core->slave(kSlave, rig.now)->contributions_dropped == 1);
  }
  SECTION("what it merged is not decided yet") {
    rig.slave_answers(kSlave, 0.1, true);
    REQUIRE(rig.merged.size() == 1);
    rig.tell(StopAsked{});
    rig.slave_answers(kSlave, 0.1, true);
    CHECK(rig.merged.size() == 1);
  }
  SECTION("it was found right: what would hardly have been audited is merged") {
    for (int i = 0; i < 150; ++i) rig.slave_answers(kSlave, 0.01);
    rig.tell(Tick{}, 0.1);
    REQUIRE_FALSE(rig.references.empty());
    for (const RenderReference& asked : rig.references)
      rig.tell(ReferenceRendered{1, asked.units, rig.right(1, asked.units)});
    const std::size_t before = rig.merged.size();
    rig.tell(StopAsked{});
    while (!rig.slave_leases[kSlave].empty()) rig.slave_answers(kSlave, 0.01);
    CHECK(rig.merged.size() > before);
  }
  rig.tell(Tick{}, 5);
  REQUIRE(rig.frames_ended.size() == 1);
  CHECK(rig.frames_ended[0].samples_merged == rig.merged.size() * 256);
}

TEST_CASE("it is known how many slaves are waited for", "[master]") {
  MasterCoreConfig config = core_config(1, true);
  config.wait_for_slaves = 2;
  CoreRig rig(config);
  CHECK(rig.core->slaves_awaited() == 0);  // there is nothing to render
  rig.add_frame(1, a_setting(64, 64, 1));
  rig.open_local(0);
  CHECK(rig.core->slaves_awaited() == 2);
  rig.slave_joins(1, 1, "A");
  CHECK(rig.core->slaves_awaited() == 2);
  rig.slave_joins(2, 1, "B");
  CHECK(rig.core->slaves_awaited() == 0);
  rig.tell(LinkClosed{1, Error{ErrorKind::unavailable, "closed", {}}});
  rig.tell(LinkClosed{2, Error{ErrorKind::unavailable, "closed", {}}});
  CHECK(rig.core->slaves_awaited() == 0);  // this computer renders
  rig.tell(LocalDeviceFailed{0, Error{ErrorKind::exhausted, "gone", {}}});
  CHECK(rig.core->slaves_awaited() == 1);
}

TEST_CASE("a device of this computer builds until it has the oldest scene", "[master]") {
  CoreRig rig(core_config(1, false));
  rig.add_frame(1, a_setting(64, 64, 1));
  DeviceInfo info;
  rig.tell(LocalDeviceOpened{0, info, Digest()});
  CHECK(rig.core->local_devices().at(0).building);
  rig.finish_uploads();
  CHECK_FALSE(rig.core->local_devices().at(0).building);
  rig.add_frame(2, a_setting(64, 64, 2));
  CHECK_FALSE(rig.core->local_devices().at(0).building);  // the next one's is built beside
}

TEST_CASE("a frame waits for the audit of one that filled a part of it and began with the next", "[master]") {
  CoreRig rig(audited());
  rig.add_frame(1, a_setting(16, 16, 1));
  rig.add_frame(2, a_setting(64, 16, 1));
  rig.slave_says_hello(kSlave, "LIAR");
  rig.slave_is_ready(kSlave, 2);  // it has the next frame's scene first
  rig.slave_answers(kSlave, 0.1, true);
  rig.tell(Tick{}, 0.1);
  REQUIRE(rig.references.size() == 1);
  CHECK(rig.references[0].frame == 2);
  const RenderReference first_lie = rig.references[0];
  rig.slave_is_ready(kSlave, 1);
  while (rig.core->ledger(1)->samples_left() > 0) rig.slave_answers(kSlave, 0.1, true);
  for (std::size_t i = 1; i < rig.references.size(); ++i) {
    if (rig.references[i].frame == 1)
      rig.tell(ReferenceRendered{1, rig.references[i].units, rig.wrong(1, rig.references[i].units)});
  }
  CHECK(rig.frames_ended.empty());
  rig.tell(ReferenceRendered{2, first_lie.units, rig.right(2, first_lie.units)});
  CHECK(rig.frames_ended.empty());  // it is rendered again
  CHECK(rig.core->ledger(1)->samples_merged() == 0);
}

TEST_CASE("a slave that is lost before anything reached it is told of as such", "[master]") {
  CoreRig rig(core_config(0, true));
  ServedScene scene;
  scene.bytes = 27'000'000;
  rig.settings[1] = a_setting(64, 64, 1);
  rig.tell(FrameAdded{1, rig.settings[1], scene, {}});
  rig.slave_says_hello(kSlave, "WS-07");
  double seconds_here = 14;
  bool vanished = true;
  SECTION("after a while in which it lacked everything") {}
  SECTION("not when a piece had arrived") {
    rig.tell(LinkMessage{kSlave, UpdateReport{1, 26'000'000, 27'000'000}});
    vanished = false;
  }
  SECTION("not when it was here for a moment") {
    seconds_here = 2;
    vanished = false;
  }
  rig.tell(LinkClosed{kSlave, Error{ErrorKind::unavailable, "connection closed by the other side", {}}},
           seconds_here);
  const auto* lost = rig.notice<notice::SlaveLost>();
  REQUIRE(lost != nullptr);
  CHECK(lost->address == "10.0.0.1");
  CHECK(lost->loss.nothing_arrived == vanished);
}

TEST_CASE("a slave that got small pieces alone is told of as one that large packets do not reach",
          "[master]") {
  CoreRig rig(core_config(0, true));
  ServedScene scene;
  scene.bytes = 27'000'000;
  rig.settings[1] = a_setting(64, 64, 1);
  rig.tell(FrameAdded{1, rig.settings[1], scene, {}});
  rig.slave_says_hello(kSlave, "WS-07");
  rig.tell(LinkMessage{kSlave, UpdateReport{1, 26'000'000, 27'000'000}}, 1);
  std::optional<std::uint32_t> stood_still_at = 3;
  double seconds_silent = 14;
  SECTION("for as long as nothing more came") {}
  SECTION("not when pieces came until the end") {
    seconds_silent = 2;
    stood_still_at.reset();
  }
  SECTION("not when all of them came") {
    rig.tell(LinkMessage{kSlave, UpdateReport{1, 0, 27'000'000}}, 1);
    stood_still_at.reset();
  }
  rig.tell(LinkMessage{kSlave, Heartbeat{}}, seconds_silent);  // small, and says that nothing moved
  rig.tell(LinkClosed{kSlave, Error{ErrorKind::unavailable, "connection closed by the other side", {}}}, 0.5);
  const auto* lost = rig.notice<notice::SlaveLost>();
  REQUIRE(lost != nullptr);
  CHECK(lost->loss.stood_still_at == stood_still_at);
  CHECK_FALSE(lost->loss.nothing_arrived);
}

TEST_CASE("a slave that falls silent before its first result is told of as such", "[master]") {
  CoreRig rig(core_config(0, true));
  rig.add_frame(1, a_setting(64, 64, 1));
  rig.slave_joins();
  REQUIRE(rig.slave_leases[kSlave].size() == 2);
  bool nothing_came = true;
  double seconds_silent = 15;
  SECTION("and so for good") {}
  SECTION("not when something had come") {
    rig.slave_answers(kSlave, 1);
    nothing_came = false;
  }
  SECTION("not when it was ended: its connection closes at once") {
    seconds_silent = 1;
    nothing_came = false;
  }
  rig.tell(LinkClosed{kSlave, Error{ErrorKind::unavailable, "connection closed by the other side", {}}},
           seconds_silent);
  const auto* lost = rig.notice<notice::SlaveLost>();
  REQUIRE(lost != nullptr);
  CHECK_FALSE(lost->loss.nothing_arrived);
  CHECK(lost->loss.nothing_came == nothing_came);
  CHECK(lost->loss.leases_returned > 0);
}
