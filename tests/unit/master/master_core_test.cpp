#include "unit/master/core_rig.hpp"

using namespace oct;
using oct::test::core_config;
using oct::test::CoreRig;

namespace {

constexpr LinkId kSlave = 1;

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
