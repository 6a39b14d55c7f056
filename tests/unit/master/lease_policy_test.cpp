#include <algorithm>

#include "unit/master/dispatcher_rig.hpp"

// Whom an idle device helps, and how much it takes: none of it changes the picture, all of it the time.

using namespace oct;
using oct::test::DispatcherRig;

namespace {

constexpr std::uint64_t kUnitSamples = 256;

DispatchLimits four_units() {
  DispatchLimits limits;
  limits.first_lease_samples = 4 * kUnitSamples;
  return limits;
}

bool is_in(const UnitRange& units, const Lease& lease) {
  return std::any_of(lease.units.begin(), lease.units.end(),
                     [&](const UnitRange& other) { return other.tile == units.tile; });
}

/// A picture of 20 units. `fast` and `slow` hold 4 units each, for 2.5 and 4 s; `idle` has answered 4 units and holds
/// nothing; nothing is free.
struct TailRig : DispatcherRig {
  explicit TailRig(double idle_speed) : DispatcherRig(a_setting(64, 80, 1), four_units()) {
    const Lease idles = *next(idle);
    const Lease first_of_fast = *next(fast);
    of_fast = *next(fast);
    const Lease first_of_slow = *next(slow);
    of_slow = *next(slow);
    answer(fast, first_of_fast, 2.5);
    answer(slow, first_of_slow, 1.5);
    answer(idle, idles, 4 * static_cast<double>(kUnitSamples) / idle_speed - 4);
  }
  DeviceKey idle = join(), fast = join(), slow = join();
  Lease of_fast, of_slow;
};

}  // namespace

TEST_CASE("a unit is held by two devices at most", "[master]") {
  DispatcherRig rig(a_setting(64, 64, 1));  // 16 units, all fit a first lease
  const DeviceKey first = rig.join(), second = rig.join(), third = rig.join();
  REQUIRE(rig.next(first)->units.size() == 16);
  REQUIRE(rig.next(second)->units.size() == 16);
  CHECK_FALSE(rig.next(third).has_value());
  CHECK(rig.frame.pool.holders(0, 0) == 2);

  // Once one of them is gone there is room for another.
  rig.dispatcher.remove_device(first);
  CHECK(rig.next(third).has_value());
}

TEST_CASE("an idle device helps the one that will be busy longest", "[master]") {
  TailRig rig(250);
  const auto taken = rig.next(rig.idle);
  REQUIRE(taken.has_value());
  for (const UnitRange& units : taken->units) {
    CHECK(is_in(units, rig.of_slow));
    CHECK_FALSE(is_in(units, rig.of_fast));
  }
  CHECK(taken->units.front().tile == rig.of_slow.units.back().tile);  // from the end
}

TEST_CASE("an idle device takes half of what another holds at most", "[master]") {
  TailRig rig(250);
  const DeviceKey newcomer = rig.join();  // of unknown speed: it would take four units
  const auto taken = rig.next(newcomer);
  REQUIRE(taken.has_value());
  CHECK(rig.samples(*taken) == 2 * kUnitSamples);
}

TEST_CASE("an idle device takes nothing that it would finish later than its holder", "[master]") {
  // The slow one needs 4 s for all that it holds.
  CHECK(TailRig(kUnitSamples / 3.9).next(0).has_value());
  CHECK_FALSE(TailRig(kUnitSamples / 4.1).next(0).has_value());
}

TEST_CASE("the first lease of a GPU fills it, and that of a CPU is small", "[master]") {
  DispatchLimits limits;
  limits.first_lease_samples = 4 * kUnitSamples;
  limits.first_gpu_lease_samples = 100 * kUnitSamples;
  DispatcherRig rig(a_setting(320, 320, 1), limits);  // 400 units
  const DeviceKey gpu = rig.dispatcher.add_device(rig.now, true);
  rig.dispatcher.set_ready(gpu, 1);
  CHECK(rig.samples(*rig.next(gpu)) == 100 * kUnitSamples);
  CHECK(rig.samples(*rig.next(rig.join())) == 4 * kUnitSamples);
}

TEST_CASE("of a small picture each GPU gets its share, and never less than a CPU would", "[master]") {
  DispatchLimits limits;
  limits.first_lease_samples = 4 * kUnitSamples;
  limits.first_gpu_lease_samples = 100 * kUnitSamples;
  DispatcherRig rig(a_setting(64, 96, 1), limits);  // 24 units
  std::vector<DeviceKey> gpus;
  for (int i = 0; i < 3; ++i) gpus.push_back(rig.dispatcher.add_device(rig.now, true));
  for (const DeviceKey gpu : gpus) rig.dispatcher.set_ready(gpu, 1);
  CHECK(rig.samples(*rig.next(gpus[0])) == 8 * kUnitSamples);
  CHECK(rig.samples(*rig.next(gpus[1])) == 8 * kUnitSamples);
  CHECK(rig.samples(*rig.next(gpus[2])) == 8 * kUnitSamples);
  DispatcherRig crowd(a_setting(64, 96, 1), limits);
  for (int i = 0; i < 12; ++i) crowd.dispatcher.set_ready(crowd.dispatcher.add_device(crowd.now, true), 1);
  CHECK(crowd.samples(*crowd.next(0)) == 4 * kUnitSamples);
}
