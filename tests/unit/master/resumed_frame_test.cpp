#include "core_rig.hpp"

using namespace oct;
using namespace oct::test;

// What a run knows of the devices that filled a film in an earlier one.

namespace {

constexpr LinkId kLink = 1;
constexpr FrameId kFrame = 1;

MasterCoreConfig all_compared() {
  MasterCoreConfig config = core_config(1, true);
  config.audit.percent = 100;
  config.audit.longest_wait = milliseconds(1);
  config.audit.patience = {};
  return config;
}

const RenderSettings kPicture = a_setting(64, 64, 1);  // 16 units

/// A run in which slave 1 fills three tiles, wrongly or not, and which ends before anybody looks at them.
FilmUnits interrupted_run(bool lies, LinkId slave = kLink) {
  MasterCoreConfig config = all_compared();
  config.audit.patience = seconds(100);
  CoreRig rig(config);
  rig.add_frame(kFrame, kPicture);
  rig.slave_joins(slave);
  for (int i = 0; i < 3; ++i) rig.slave_answers(slave, 0.1, lies);
  REQUIRE(rig.merged.size() == 3);
  return rig.core->film_units(kFrame);
}

void resume(CoreRig& rig, const FilmUnits& units) {
  rig.settings[kFrame] = kPicture;
  rig.tell(FrameAdded{kFrame, kPicture, ServedScene{}, units.filled, units.history});
}

void answer_references(CoreRig& rig) {
  for (const RenderReference& asked : std::exchange(rig.references, {}))
    rig.tell(ReferenceRendered{asked.frame, asked.units, rig.right(asked.frame, asked.units)});
}

void finish(CoreRig& rig) {
  rig.open_local(0);
  while (rig.frames_ended.empty()) rig.local_answers(0, 0.1);
  CHECK(rig.frames_ended[0].reason == EndReason::complete);
}

}  // namespace

TEST_CASE("a film file tells who filled it and what was to be looked at", "[master]") {
  const FilmUnits units = interrupted_run(false);
  REQUIRE(units.history.sources.size() == 1);
  CHECK(units.history.sources[0].tiles.tiles() == std::vector<std::uint32_t>{0, 1, 2});
  REQUIRE(units.history.audits.size() == 3);
  CHECK(units.history.audits[2].units.tile == 2);
  CHECK(check_history(kPicture, units.history));

  // It is the same device on another connection and in another run, and another one elsewhere.
  const DeviceFingerprint fingerprint = units.history.sources[0].fingerprint;
  CHECK(interrupted_run(true).history.sources[0].fingerprint == fingerprint);
  const DeviceFingerprint other = interrupted_run(true, 2).history.sources[0].fingerprint;
  CHECK(other.computer != fingerprint.computer);
  CHECK(other.device != fingerprint.device);
}

TEST_CASE("the reference device is nobody to be found wrong later", "[master]") {
  CoreRig rig(all_compared());
  rig.add_frame(kFrame, kPicture);
  rig.open_local(0, DeviceKind::cpu);
  rig.local_answers(0, 0.1);
  const FilmUnits units = rig.core->film_units(kFrame);
  CHECK(std::count(units.filled.begin(), units.filled.end(), true) == 1);
  CHECK(units.history.sources.empty());
  CHECK(units.history.audits.empty());
}

TEST_CASE("a device is one source, however often it connects and is resumed", "[master]") {
  CoreRig rig(all_compared());
  resume(rig, interrupted_run(false));
  rig.slave_joins();
  rig.slave_answers(kLink, 0.1);
  rig.tell(LinkClosed{kLink, Error{ErrorKind::cancelled, "closed", {}}});
  rig.tell(LinkOpened{2, "10.0.0.1", false});
  SlaveHello hello;
  hello.name = "AGAIN";
  hello.devices = {{DeviceKind::cuda, 0, "GPU", 1, 0}};
  hello.canaries.resize(1);
  rig.tell(LinkMessage{2, hello});
  rig.slave_is_ready(2, kFrame);
  rig.slave_answers(2, 0.1);
  const FilmHistory history = rig.core->film_units(kFrame).history;
  REQUIRE(history.sources.size() == 1);
  CHECK(history.sources[0].tiles.tiles() == std::vector<std::uint32_t>{0, 1, 2, 3, 4});
}

TEST_CASE("an audit that was pending when the master ended finds the device of the earlier run", "[master]") {
  CoreRig rig(all_compared());
  resume(rig, interrupted_run(true));
  CHECK(rig.core->ledger(kFrame)->samples_merged() == 3 * 256);
  rig.tell(Tick{}, 0.1);
  REQUIRE(rig.references.size() == 3);
  answer_references(rig);
  const auto* refused = rig.notice<notice::EarlierDeviceRefused>();
  REQUIRE(refused != nullptr);
  CHECK(refused->tiles_rendered_again == 3);
  CHECK(rig.notice<notice::DeviceRefused>() == nullptr);
  CHECK(rig.cleared == std::vector<std::uint32_t>{0, 1, 2});
  CHECK(rig.core->ledger(kFrame)->samples_merged() == 0);

  // When it connects, it gets nothing.
  rig.slave_joins();
  CHECK(rig.slave_leases[kLink].empty());
  REQUIRE_FALSE(rig.goodbyes.empty());
  CHECK(rig.goodbyes.back() == GoodbyeReason::rejected);
  finish(rig);
  CHECK(rig.merged.size() == 16);
  CHECK(rig.frames_ended[0].tiles_cleared);  // an older film file is of no use
}

TEST_CASE("a device that was right in an earlier run keeps what it filled", "[master]") {
  CoreRig rig(all_compared());
  resume(rig, interrupted_run(false));
  rig.tell(Tick{}, 0.1);
  REQUIRE(rig.references.size() == 3);
  answer_references(rig);
  CHECK(rig.notice<notice::EarlierDeviceRefused>() == nullptr);
  CHECK(rig.core->film_units(kFrame).history.audits.empty());
  finish(rig);
  CHECK(rig.merged.size() == 13);
  CHECK_FALSE(rig.frames_ended[0].tiles_cleared);
}

TEST_CASE("a frame that is complete in its film file waits for its audits", "[master]") {
  FilmUnits units = interrupted_run(true);
  units.filled.assign(units.filled.size(), true);
  CoreRig rig(all_compared());
  resume(rig, units);
  rig.tell(Tick{}, 0.1);
  CHECK(rig.frames_ended.empty());
  answer_references(rig);
  CHECK(rig.frames_ended.empty());
  finish(rig);
  CHECK(rig.merged.size() == 3);
}

TEST_CASE("a device of an earlier run that is found wrong is shut out where it is connected", "[master]") {
  CoreRig rig(all_compared());
  resume(rig, interrupted_run(true));
  rig.slave_joins(kLink, kFrame, "SAME");
  rig.slave_joins(2, kFrame, "OTHER");
  rig.slave_answers(kLink, 0.1);
  rig.slave_answers(2, 0.1);
  const std::uint32_t its_tile = rig.merged[0].tile;
  rig.tell(Tick{}, 0.1);
  REQUIRE_FALSE(rig.references.empty());
  const UnitRange lie{0, 0, 1};
  rig.tell(ReferenceRendered{kFrame, lie, rig.right(kFrame, lie)});
  const auto* refused = rig.notice<notice::DeviceRefused>();
  REQUIRE(refused != nullptr);
  CHECK(refused->slave == "SAME");
  CHECK(refused->units_rendered_again == 1);
  CHECK(rig.cleared == std::vector<std::uint32_t>{0, 1, 2, its_tile});
  CHECK(rig.core->ledger(kFrame)->samples_merged() == 256);  // the other one's
}

TEST_CASE("a connected device that is found wrong loses what it filled in an earlier run", "[master]") {
  FilmUnits units = interrupted_run(true);
  units.history.audits.clear();  // nothing of it was chosen
  CoreRig rig(all_compared());
  resume(rig, units);
  rig.slave_joins();
  rig.slave_answers(kLink, 0.1, true);
  rig.tell(Tick{}, 0.1);
  REQUIRE(rig.references.size() == 1);
  CHECK(rig.references[0].units.tile == 3);
  answer_references(rig);
  REQUIRE(rig.notice<notice::EarlierDeviceRefused>() != nullptr);
  CHECK(rig.notice<notice::DeviceRefused>()->units_rendered_again == 1);
  CHECK(rig.cleared == std::vector<std::uint32_t>{0, 1, 2, 3});
  finish(rig);
}

TEST_CASE("the computer that filled units does not look at them itself, whatever its connection",
          "[master]") {
  MasterCoreConfig config = all_compared();
  config.audit.patience = seconds(100);
  config.dispatch.lease_seconds = 1;  // room for audits in a lease
  CoreRig rig(config);
  resume(rig, interrupted_run(true));
  rig.now += seconds(1);
  rig.slave_says_hello(kLink, "SAME", 2);
  rig.slave_is_ready(kLink, kFrame, 1);  // its other device
  for (const LeaseGrant& lease : rig.slave_leases[kLink]) {
    for (const UnitRange& units : lease.units) CHECK(units.tile > 2);
  }
  rig.slave_joins(2, kFrame, "OTHER");
  bool is_asked = false;
  for (int i = 0; i < 10 && !is_asked; ++i) {
    for (const LeaseGrant& lease : rig.slave_leases[2])
      is_asked = is_asked || std::any_of(lease.units.begin(), lease.units.end(),
                                         [](const UnitRange& units) { return units.tile <= 2; });
    if (!is_asked) rig.slave_answers(2, 0.1);
  }
  CHECK(is_asked);
}

TEST_CASE("a film that is added when its device was found wrong already loses that device's tiles",
          "[master]") {
  CoreRig rig(all_compared());
  rig.add_frame(1, kPicture);
  rig.slave_joins();
  rig.slave_answers(kLink, 0.1, true);
  rig.tell(Tick{}, 0.1);
  answer_references(rig);
  REQUIRE(rig.notice<notice::DeviceRefused>() != nullptr);
  const FilmUnits units = interrupted_run(true);
  rig.settings[2] = kPicture;
  rig.tell(FrameAdded{2, kPicture, ServedScene{}, units.filled, units.history});
  CHECK(rig.core->ledger(2)->samples_merged() == 0);
  CHECK(rig.core->film_units(2).history.sources.empty());
}
