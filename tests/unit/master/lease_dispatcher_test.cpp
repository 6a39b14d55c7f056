#include <deque>
#include <random>

#include "film/film.hpp"
#include "unit/master/dispatcher_rig.hpp"

using namespace oct;
using oct::test::DispatcherRig;

TEST_CASE("units are given out pass by pass, each once", "[master]") {
  DispatcherRig rig(a_setting(64, 64, 16));
  const DeviceKey device = rig.join();
  std::uint32_t last_pass = 0;
  while (auto lease = rig.next(device)) {
    for (const UnitRange& units : lease->units) {
      CHECK(units.first_pass >= last_pass);
      last_pass = units.first_pass;
    }
    rig.answer(device, *lease, 0.1);
  }
  CHECK(rig.ledger.complete());
  CHECK(rig.ledger.dropped() == 0);
}

TEST_CASE("a device holds two leases at a time", "[master]") {
  DispatcherRig rig(a_setting(640, 480, 64));
  const DeviceKey device = rig.join();
  const auto first = rig.next(device);
  CHECK(rig.next(device).has_value());
  CHECK_FALSE(rig.next(device).has_value());
  rig.answer(device, *first, 0.5);
  CHECK(rig.next(device).has_value());
}

TEST_CASE("leases grow from a small first one to a second's worth", "[master]") {
  DispatcherRig rig(a_setting(1280, 720, 1024));
  const DeviceKey device = rig.join();
  const double speed = 2e6;
  std::uint64_t largest = 0;
  for (int i = 0; i < 20; ++i) {
    const auto lease = rig.next(device);
    const std::uint64_t samples = rig.samples(*lease);
    if (i == 0) CHECK(samples <= DispatchLimits{}.first_lease_samples + 256);
    largest = std::max(largest, samples);
    rig.answer(device, *lease, static_cast<double>(samples) / speed);
  }
  CHECK(rig.dispatcher.samples_per_second(device) == Approx(speed).epsilon(0.01));
  CHECK(largest > 0.4 * speed);
  CHECK(largest < 1.3 * speed);
}

TEST_CASE("answers that come in bursts do not make a device seem fast", "[master]") {
  DispatcherRig rig(a_setting(1280, 720, 1024));
  const DeviceKey device = rig.join();
  const double speed = 1e5;
  std::optional<Lease> first = rig.next(device);
  for (int i = 0; i < 20; ++i) {
    // Its two leases arrive together, when both are done.
    const auto second = rig.next(device);
    REQUIRE(second.has_value());
    rig.answer(device, *first, static_cast<double>(rig.samples(*first) + rig.samples(*second)) / speed);
    rig.answer(device, *second, 0);
    CHECK(rig.dispatcher.samples_per_second(device) < 2 * speed);
    CHECK(rig.dispatcher.samples_per_second(device) > speed / 2);
    first = rig.next(device);
  }
}

TEST_CASE("near the end leases shrink to a device's share", "[master]") {
  DispatcherRig rig(a_setting(160, 160, 64));
  const DeviceKey fast = rig.join();
  const DeviceKey slow = rig.join();
  const auto fast_lease = rig.next(fast);
  const auto slow_lease = rig.next(slow);
  rig.answer(fast, *fast_lease, 0.01);
  rig.answer(slow, *slow_lease, 0.09);
  const auto slow_next = rig.next(slow);
  const double left = static_cast<double>(rig.ledger.samples_wanted() - rig.ledger.samples_merged());
  // Half of its tenth or so; a unit more at most.
  CHECK(static_cast<double>(rig.samples(*slow_next)) < 0.06 * left);
  CHECK(static_cast<double>(rig.samples(*slow_next)) > 0.03 * left);
}

TEST_CASE("an idle device takes over what a slow one still holds", "[master]") {
  DispatcherRig rig(a_setting(64, 64, 1));  // 16 units, all fit a first lease
  const DeviceKey slow = rig.join();
  const DeviceKey idle = rig.join();
  const auto held = rig.next(slow);
  CHECK(held->units.size() == 16);
  const auto taken = rig.next(idle);
  REQUIRE(taken.has_value());
  rig.answer(idle, *taken, 0.1);
  CHECK(rig.ledger.samples_merged() == rig.samples(*taken));

  // The slow one answers all of it later: what is there already is dropped, the rest completes the picture.
  rig.answer(slow, *held, 5);
  CHECK(rig.ledger.complete());
  CHECK(rig.ledger.dropped() == taken->units.size());
}

TEST_CASE("a lease is superseded when others have answered all that was left of it", "[master]") {
  DispatcherRig rig(a_setting(64, 64, 1));  // 16 units, all fit a first lease
  const DeviceKey slow = rig.join();
  const DeviceKey idle = rig.join();
  const auto held = rig.next(slow);
  const auto taken = rig.next(idle);
  REQUIRE(taken->units.size() == 16);

  // The slow one has done its first unit, the other does the rest, from the end on.
  rig.ledger.offer(a_contribution(rig.settings, held->units.front()), 1);
  REQUIRE(rig.dispatcher.settle(slow, held->id, held->units.front(), rig.now));
  for (const UnitRange& units : taken->units) {
    if (units.tile == held->units.front().tile) continue;
    CHECK(rig.dispatcher.superseded(slow).empty());
    rig.ledger.offer(a_contribution(rig.settings, units), 2);
    REQUIRE(rig.dispatcher.settle(idle, taken->id, units, rig.now));
  }
  CHECK(rig.dispatcher.superseded(slow) == std::vector<std::uint64_t>{held->id});
  CHECK(rig.dispatcher.superseded(slow).empty());  // once
  CHECK(rig.dispatcher.lease(slow, held->id) != nullptr);
  // What the idle one still holds was answered by the slow one.
  CHECK(rig.dispatcher.superseded(idle) == std::vector<std::uint64_t>{taken->id});
  CHECK(rig.dispatcher.hand_back(slow, held->id, rig.now) == 0);  // nothing of it is missing
  CHECK(rig.dispatcher.lease(slow, held->id) == nullptr);
}

TEST_CASE("a device without progress becomes suspect, gets nothing, and loses what it holds to others",
          "[master]") {
  DispatcherRig rig(a_setting(640, 480, 4));
  const DeviceKey hung = rig.join();
  const DeviceKey good = rig.join();
  const auto lost = rig.next(hung);
  rig.dispatcher.tick(rig.now + milliseconds(2900));
  CHECK_FALSE(rig.dispatcher.is_suspect(hung));
  rig.now += milliseconds(3100);
  rig.dispatcher.tick(rig.now);
  CHECK(rig.dispatcher.is_suspect(hung));
  CHECK_FALSE(rig.next(hung).has_value());

  const auto lease = rig.next(good);
  CHECK(lease->units.front().tile == lost->units.front().tile);
  rig.answer(good, *lease, 0.1);

  // One finished unit, although it comes late, and it is trusted again.
  CHECK(rig.dispatcher.settle(hung, lost->id, lost->units.back(), rig.now));
  CHECK_FALSE(rig.dispatcher.is_suspect(hung));
  CHECK(rig.next(hung).has_value());
}

TEST_CASE("a device whose units usually take long is given four times that", "[master]") {
  DispatchLimits limits;
  DispatcherRig rig(a_setting(32, 32, 4096), limits);
  const DeviceKey device = rig.join();
  const double speed = 1000;  // samples a second: the last unit, 256 pixels x 3072 samples, takes 786 s
  while (rig.ledger.samples_merged() < rig.ledger.samples_wanted() / 2) {
    const auto lease = rig.next(device);
    REQUIRE(lease.has_value());
    rig.answer(device, *lease, static_cast<double>(rig.samples(*lease)) / speed);
  }
  REQUIRE(rig.next(device).has_value());
  rig.dispatcher.tick(rig.now + seconds(1000));
  CHECK_FALSE(rig.dispatcher.is_suspect(device));
  rig.dispatcher.tick(rig.now + seconds(4000));
  CHECK(rig.dispatcher.is_suspect(device));
}

TEST_CASE("leases of a device that is gone return to the pool", "[master]") {
  DispatcherRig rig(a_setting(64, 64, 1));
  const DeviceKey gone = rig.join();
  const auto lost = rig.next(gone);
  CHECK(rig.dispatcher.remove_device(gone) == 1);
  CHECK_FALSE(rig.dispatcher.settle(gone, lost->id, lost->units.front(), rig.now));
  const DeviceKey other = rig.join();
  const auto lease = rig.next(other);
  CHECK(lease->units.size() == 16);
}

TEST_CASE("a contribution answers a lease of its own device alone", "[master]") {
  DispatcherRig rig(a_setting(640, 480, 1));
  const DeviceKey a = rig.join();
  const DeviceKey b = rig.join();
  const auto lease = rig.next(a);
  const UnitRange units = lease->units.front();
  CHECK_FALSE(rig.dispatcher.settle(b, lease->id, units, rig.now));
  CHECK_FALSE(rig.dispatcher.settle(a, lease->id + 1, units, rig.now));
  CHECK_FALSE(rig.dispatcher.settle(a, lease->id, {units.tile + 1000, 0, 1}, rig.now));
  CHECK(rig.dispatcher.settle(a, lease->id, units, rig.now));
  CHECK_FALSE(rig.dispatcher.settle(a, lease->id, units, rig.now));
}

TEST_CASE("on a full link several passes of a tile travel as one sum", "[master]") {
  DispatcherRig rig(a_setting(64, 64, 64));
  const DeviceKey device = rig.join();
  rig.dispatcher.set_network_bound(device, true);
  std::uint64_t sums = 0;
  while (auto lease = rig.next(device)) {
    sums += lease->units.size();
    rig.answer(device, *lease, 0.01);
  }
  CHECK(rig.ledger.complete());
  CHECK(rig.ledger.dropped() == 0);
  CHECK(sums < 4 * 16 / 2);  // 4 passes of 16 tiles would be 64
}

TEST_CASE("nothing is given out after granting has stopped", "[master]") {
  DispatcherRig rig(a_setting(64, 64, 1));
  const DeviceKey device = rig.join();
  rig.dispatcher.stop_granting();
  CHECK_FALSE(rig.next(device).has_value());
}

namespace {

/// Devices that join, die, hang, repeat themselves, hand back and answer in any order.
void any_interleaving(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto chance = [&](std::uint32_t percent) { return random() % 100 < percent; };
  DispatcherRig rig(a_setting(16 + random() % 80, 16 + random() % 60, 1 + random() % 40));
  struct Sent {
    DeviceKey device;
    std::uint64_t lease;
    UnitRange units;
  };
  Film film(rig.settings);
  std::vector<DeviceKey> devices;
  std::deque<Sent> under_way;
  for (std::uint64_t step = 0; !rig.ledger.complete(); ++step) {
    INFO("seed " << seed << " step " << step);
    REQUIRE(step < 200000);
    rig.now += milliseconds(random() % 200);
    if (devices.empty() || (devices.size() < 6 && chance(2))) devices.push_back(rig.join());
    if (chance(5)) rig.dispatcher.set_network_bound(devices[random() % devices.size()], chance(50));
    if (devices.size() > 1 && chance(1)) {
      rig.dispatcher.remove_device(devices.front());
      devices.erase(devices.begin());
    }
    rig.dispatcher.tick(rig.now);
    for (const DeviceKey device : devices) {
      while (const auto lease = rig.next(device)) {
        for (const UnitRange& units : lease->units) {
          if (chance(5)) continue;  // the device never answers it
          under_way.push_back({device, lease->id, units});
          if (chance(5)) under_way.push_back(under_way.back());
        }
        if (chance(10)) REQUIRE(rig.dispatcher.hand_back(device, lease->id, rig.now) == lease->units.size());
      }
    }
    for (std::uint32_t i = random() % 8; i > 0 && !under_way.empty(); --i) {
      const std::size_t at = random() % under_way.size();
      const Sent sent = under_way[at];
      under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(at));
      const FilmContribution contribution = a_contribution(rig.settings, sent.units);
      // Offered even when the device no longer holds it: the ledger alone keeps the film right.
      if (rig.ledger.offer(contribution, 1) == Offered::accepted) film.merge(contribution);
      rig.dispatcher.settle(sent.device, sent.lease, sent.units, rig.now);
    }
    // A device that holds a lease with units it never answers is replaced in the end, as a dead slave is.
    if (under_way.empty() && chance(30) && !devices.empty()) {
      rig.dispatcher.remove_device(devices.front());
      devices.erase(devices.begin());
    }
  }
  Film expected(rig.settings);
  for (std::uint32_t tile = 0; tile < rig.ledger.tiles(); ++tile) {
    expected.merge(a_contribution(rig.settings, {tile, 0, rig.ledger.passes()}));
  }
  CHECK(film.hash() == expected.hash());
  CHECK(film.samples_merged() == rig.ledger.samples_wanted());
}

}  // namespace

TEST_CASE("any interleaving of leases, deaths and duplicates merges each unit exactly once",
          "[master][property]") {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) any_interleaving(seed);
}
