#include "master/master_core.hpp"

#include <algorithm>
#include <deque>

#include "report/words.hpp"
#include "support/catch.hpp"
#include "support/film_maker.hpp"

using namespace oct;

namespace {

constexpr LinkId kSlave = 1;

/// Leases of one unit each.
DispatchLimits small_leases() {
  DispatchLimits limits;
  limits.first_lease_samples = 1;
  limits.growth = 1;
  limits.lease_seconds = 1e-9;
  return limits;
}

/// A master of a small picture, and what it asked for.
struct CoreRig {
  CoreRig(std::uint32_t local_devices, bool network, const RenderSettings& picture = a_setting(64, 64, 1),
          const DispatchLimits& dispatch = small_leases())
      : settings(picture) {
    MasterCoreConfig config;
    config.local_devices = local_devices;
    config.network = network;
    config.dispatch = dispatch;
    core = std::make_unique<MasterCore>(config, settings, ServedScene{}, now);
  }

  void tell(MasterEvent event, double after_seconds = 0) {
    now += std::chrono::duration_cast<Duration>(std::chrono::duration<double>(after_seconds));
    for (MasterAction& action : core->on(std::move(event), now)) note(action);
  }
  void note(MasterAction& action) {
    if (auto* grant = std::get_if<GrantLocal>(&action)) local_leases[grant->local].push_back(grant->lease);
    if (auto* recall = std::get_if<RecallLocal>(&action)) recalled.push_back(recall->lease_id);
    if (auto* reference = std::get_if<RenderReference>(&action)) references.push_back(*reference);
    if (auto* send = std::get_if<SendToSlave>(&action)) {
      if (auto* grant = std::get_if<LeaseGrant>(&send->message))
        slave_leases.push_back(Lease{grant->lease, grant->units});
      if (auto* recall = std::get_if<LeaseRecall>(&send->message)) recalled.push_back(recall->lease);
    }
    if (std::get_if<RenderEnded>(&action) != nullptr) ended = true;
  }

  void slave_joins() {
    tell(LinkOpened{kSlave, "10.0.0.9"});
    SlaveHello hello;
    hello.name = "SLOW";
    hello.devices.resize(1);
    tell(LinkMessage{kSlave, hello});
    tell(LinkMessage{kSlave, DeviceReport{1, 0, DeviceState::ready, {}}});
  }
  void slave_answers(double after_seconds) {
    const Lease lease = slave_leases.front();
    slave_leases.pop_front();
    tell(LinkAnswers{kSlave, lease.id, {a_contribution(settings, lease.units.at(0))}, 100}, after_seconds);
  }
  void slave_is_checked() {
    const RenderReference reference = references.at(0);
    tell(ReferenceRendered{reference.device, a_contribution(settings, reference.units)});
  }
  void local_answers(std::uint32_t local, double after_seconds) {
    const Lease lease = local_leases[local].front();
    local_leases[local].pop_front();
    tell(LocalAnswer{local, lease.id, a_contribution(settings, lease.units.at(0))}, after_seconds);
    tell(LocalLeaseEnded{local, lease.id, std::nullopt});
  }
  /// The device answers its leases until it holds one of these units.
  void local_answers_until(std::uint32_t local, UnitRange units) {
    while (local_leases[local].front().units.at(0).tile != units.tile) local_answers(local, 0.01);
  }

  RenderSettings settings;
  Instant now{};
  std::unique_ptr<MasterCore> core;
  std::map<std::uint32_t, std::deque<Lease>> local_leases;
  std::deque<Lease> slave_leases;
  std::vector<RenderReference> references;
  std::vector<std::uint64_t> recalled;
  bool ended = false;
};

}  // namespace

TEST_CASE("a slave is not left with a lease that others have answered", "[master]") {
  CoreRig rig(1, true);
  rig.slave_joins();
  REQUIRE(rig.slave_leases.size() == 2);
  rig.slave_answers(10);  // slow: 25 samples a second
  rig.slave_is_checked();
  REQUIRE(rig.slave_leases.size() == 2);
  const Lease waiting = rig.slave_leases.back();

  rig.tell(LocalDeviceReady{0, DeviceInfo{}});
  rig.local_answers_until(0, waiting.units.at(0));
  rig.tell(Tick{});
  CHECK(rig.recalled.empty());
  rig.local_answers(0, 0.01);
  CHECK_FALSE(rig.ended);
  rig.tell(Tick{});
  CHECK(rig.recalled == std::vector<std::uint64_t>{waiting.id});
  rig.tell(Tick{});
  CHECK(rig.recalled.size() == 1);

  rig.tell(LinkMessage{kSlave, LeaseReturn{waiting.id, "recalled"}});
  const SlaveStatus status = rig.core->slaves(rig.now).at(0);
  CHECK(status.leases_returned == 0);  // no loss
  CHECK(status.leases_merged == 1);

  // What only the slave holds completes the picture.
  rig.slave_answers(0);
  CHECK(rig.ended);
  CHECK(rig.core->ledger().complete());
}

TEST_CASE("a device of this computer is not left with one either", "[master]") {
  CoreRig rig(2, false);
  rig.tell(LocalDeviceReady{0, DeviceInfo{}});
  rig.local_answers(0, 10);
  const Lease waiting = rig.local_leases[0].back();
  rig.tell(LocalDeviceReady{1, DeviceInfo{}});
  rig.local_answers_until(1, waiting.units.at(0));
  rig.local_answers(1, 0.01);
  rig.tell(Tick{});
  CHECK(rig.recalled == std::vector<std::uint64_t>{waiting.id});
  rig.tell(LocalLeaseEnded{0, waiting.id, Error{ErrorKind::cancelled, "cancelled", {}}});
  CHECK_FALSE(rig.ended);
  CHECK(rig.core->local_devices().at(0).usable);
}

TEST_CASE("a device that is not checked yet keeps its leases", "[master]") {
  CoreRig rig(1, true);
  rig.slave_joins();
  const Lease waiting = rig.slave_leases.back();
  rig.tell(LocalDeviceReady{0, DeviceInfo{}});
  rig.local_answers_until(0, waiting.units.at(0));
  rig.local_answers(0, 0.01);
  rig.tell(Tick{});
  CHECK(rig.recalled.empty());
}

TEST_CASE("a slave that fills its way is granted several passes as one sum, and people are told",
          "[master]") {
  CoreRig rig(0, true, a_setting(256, 256, 64), {});
  rig.slave_joins();
  const auto is_wide = [](const Lease& lease) {
    return std::any_of(lease.units.begin(), lease.units.end(),
                       [](const UnitRange& units) { return units.last_pass - units.first_pass > 1; });
  };
  for (const Lease& lease : rig.slave_leases) CHECK_FALSE(is_wide(lease));
  const auto answer_all = [&] {
    const Lease lease = rig.slave_leases.front();
    rig.slave_leases.pop_front();
    std::vector<FilmContribution> contributions;
    for (const UnitRange& units : lease.units) contributions.push_back(a_contribution(rig.settings, units));
    rig.tell(LinkAnswers{kSlave, lease.id, std::move(contributions), 1'000'000}, 1);
  };
  answer_all();
  rig.slave_is_checked();
  rig.tell(LinkMessage{kSlave, Heartbeat{1, 100'000}});
  CHECK_FALSE(rig.core->slaves(rig.now).at(0).network_bound);
  answer_all();
  rig.tell(LinkMessage{kSlave, Heartbeat{2, 1'100'000}});  // the whole second
  const SlaveStatus status = rig.core->slaves(rig.now).at(0);
  CHECK(status.network_bound);
  CHECK(doing_text(status).find(", network-bound") != std::string::npos);
  rig.slave_leases.pop_front();  // granted before
  answer_all();
  REQUIRE_FALSE(rig.slave_leases.empty());
  CHECK(is_wide(rig.slave_leases.back()));
}
