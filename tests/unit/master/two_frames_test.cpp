#include "unit/master/dispatcher_rig.hpp"

// Two frames under way: the next one fills the tail of the first.

using namespace oct;

namespace {

struct FramesRig {
  explicit FramesRig(const DispatchLimits& limits = {}) : dispatcher(limits) {
    dispatcher.add_frame(first);
    dispatcher.add_frame(second);
  }

  DeviceKey join(bool has_first = true, bool has_second = true) {
    const DeviceKey device = dispatcher.add_device(now);
    if (has_first) dispatcher.set_ready(device, 1);
    if (has_second) dispatcher.set_ready(device, 2);
    return device;
  }
  std::optional<GrantedLease> next(DeviceKey device) { return dispatcher.next_lease(device, now); }
  void answer(DeviceKey device, const GrantedLease& granted, double seconds) {
    now += std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
    FrameCore& frame = granted.frame == 1 ? first : second;
    for (const UnitRange& units : granted.lease.units) {
      frame.ledger.offer(a_contribution(settings, units), device);
      REQUIRE(dispatcher.settle(device, granted.lease.id, units, now));
    }
  }

  RenderSettings settings = a_setting(64, 64, 1);  // 16 units of 256 samples
  FrameCore first{1, settings, {}}, second{2, settings, {}};
  LeaseDispatcher dispatcher;
  Instant now{};
};

DispatchLimits leases_of_four() {
  DispatchLimits limits;
  limits.first_lease_samples = 4 * 256;
  return limits;
}

}  // namespace

TEST_CASE("the oldest frame comes first, the next one when nothing is free there", "[master]") {
  FramesRig rig(leases_of_four());
  const DeviceKey a = rig.join(), b = rig.join(), c = rig.join();
  for (const DeviceKey device : {a, a, b, b}) {
    const auto lease = rig.next(device);
    REQUIRE(lease.has_value());
    CHECK(lease->frame == 1);
  }
  const auto lease = rig.next(c);  // a and b hold all of the first, and nobody knows that they are slow
  REQUIRE(lease.has_value());
  CHECK(lease->frame == 2);

  // What comes back of the first is wanted before the rest of the second.
  rig.dispatcher.remove_device(a);
  const auto again = rig.next(c);
  REQUIRE(again.has_value());
  CHECK(again->frame == 1);
}

TEST_CASE("a device renders only frames whose scene it has", "[master]") {
  FramesRig rig;
  CHECK_FALSE(rig.next(rig.join(false, false)).has_value());
  CHECK(rig.next(rig.join(false, true))->frame == 2);
  const DeviceKey device = rig.join(true, false);
  CHECK(rig.next(device)->frame == 1);
  CHECK_FALSE(rig.next(device).has_value());
  rig.dispatcher.set_ready(device, 2);
  CHECK_FALSE(rig.next(device).has_value());  // another holds all of it, and this one is not idle
}

TEST_CASE("who crawls in the old frame is helped before the next frame begins", "[master]") {
  FramesRig rig(leases_of_four());
  const DeviceKey crawls = rig.join(), quick = rig.join();
  const auto first = rig.next(crawls), second = rig.next(crawls);
  const auto third = rig.next(quick), fourth = rig.next(quick);
  double slow_seconds = 0;
  FrameId expected = 0;
  SECTION("a crawling one") {
    slow_seconds = 5;  // as long again for what it still holds
    expected = 1;
  }
  SECTION("one that needs less than two leases' time") {
    slow_seconds = 1.5;
    expected = 2;
  }
  rig.answer(quick, *third, 0.1);
  rig.answer(quick, *fourth, 0.1);
  rig.answer(crawls, *first, slow_seconds - 0.2);
  const auto lease = rig.next(quick);
  REQUIRE(lease.has_value());
  CHECK(lease->frame == expected);
}

TEST_CASE("leases of a frame that ended are gone, and give credit back", "[master]") {
  FramesRig rig(leases_of_four());
  const DeviceKey device = rig.join(), other = rig.join(false, true);
  const auto first = rig.next(device), second = rig.next(device);
  const auto third = rig.next(other);
  REQUIRE(third->frame == 2);
  CHECK_FALSE(rig.dispatcher.has_credit(device));

  const auto held = rig.dispatcher.remove_frame(1, rig.now);
  CHECK(held == std::vector<std::pair<DeviceKey, std::uint64_t>>{{device, first->lease.id},
                                                                 {device, second->lease.id}});
  CHECK(rig.dispatcher.has_credit(device));
  CHECK(rig.dispatcher.leases_held() == 1);
  CHECK(rig.dispatcher.lease(device, first->lease.id) == nullptr);
  CHECK_FALSE(rig.dispatcher.settle(device, first->lease.id, first->lease.units.front(), rig.now));
  CHECK_FALSE(rig.dispatcher.is_ready(device, 1));
  CHECK(rig.next(device)->frame == 2);
  CHECK(rig.dispatcher.lease(other, third->lease.id) != nullptr);
}

TEST_CASE("a device that loses the scene of one frame keeps its leases of the other", "[master]") {
  FramesRig rig(leases_of_four());
  const DeviceKey device = rig.join(true, false);
  const auto first = rig.next(device);
  rig.dispatcher.set_not_ready(rig.join(true, true), 1, rig.now);
  CHECK(rig.dispatcher.set_not_ready(device, 2, rig.now) == 0);
  rig.dispatcher.set_ready(device, 2);
  CHECK(rig.dispatcher.set_not_ready(device, 1, rig.now) == 1);
  CHECK(rig.dispatcher.lease(device, first->lease.id) == nullptr);
  CHECK(rig.first.pool.is_free(rig.first.ledger, 0, 0));
  CHECK(rig.next(device)->frame == 2);
}

TEST_CASE("units that are rendered again are held by nobody else's account", "[master]") {
  FramesRig rig(leases_of_four());
  const DeviceKey device = rig.join(), other = rig.join();
  const auto first = rig.next(device);
  rig.answer(device, *first, 1);
  const UnitRange again = first->lease.units.front();
  const GrantedLease audit = rig.dispatcher.audit_lease(other, 1, {again}, rig.now);
  REQUIRE(rig.dispatcher.units(other, audit.lease.id, again) != nullptr);
  CHECK(rig.dispatcher.units(other, audit.lease.id, again)->audit);
  CHECK(rig.first.pool.holders(again.tile, 0) == 0);
  CHECK(rig.dispatcher.superseded(other).empty());  // it is wanted although the unit is filled
  CHECK(rig.dispatcher.hand_back(other, audit.lease.id, rig.now) == 1);
  CHECK(rig.first.pool.holders(again.tile, 0) == 0);
}

TEST_CASE("a speed measured in one frame holds in the next", "[master]") {
  FramesRig rig(leases_of_four());
  const DeviceKey device = rig.join();
  rig.answer(device, *rig.next(device), 1);
  rig.dispatcher.remove_frame(1, rig.now);
  CHECK(rig.dispatcher.samples_per_second(device) == Approx(1024));
}
