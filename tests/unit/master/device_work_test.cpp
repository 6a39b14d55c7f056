#include "master/device_work.hpp"

#include <cmath>

#include "support/catch.hpp"

using namespace oct;

namespace {

HeldLease a_lease(FrameId frame, std::uint32_t first_tile, std::uint32_t tiles, std::uint64_t samples = 100) {
  HeldLease lease;
  lease.frame = frame;
  for (std::uint32_t i = 0; i < tiles; ++i) lease.units.push_back({{first_tile + i, 0, 1}, samples, false});
  return lease;
}

UnitRange unit(std::uint32_t tile) {
  return {tile, 0, 1};
}

}  // namespace

TEST_CASE("a device's leases end with their last unit", "[master]") {
  Instant now{};
  DeviceWork work(now);
  CHECK(work.idle());
  work.grant(1, a_lease(1, 0, 2), now);
  work.grant(2, a_lease(2, 5, 1), now);
  CHECK(work.held_samples(1) == 200);
  CHECK(work.held_samples(2) == 100);
  REQUIRE(work.find(1, unit(1)) != nullptr);
  CHECK(work.find(2, unit(1)) == nullptr);
  CHECK(work.find(1, {1, 0, 2}) == nullptr);

  work.answered(1, unit(1), 1, now);
  CHECK(work.find(1)->answered == 100);
  CHECK(work.find(1, unit(1)) == nullptr);
  work.answered(1, unit(1), 1, now);  // again: nothing
  CHECK(work.held_samples(1) == 100);
  work.answered(1, unit(0), 1, now);
  CHECK(work.find(1) == nullptr);
  CHECK(work.last_lease_samples() == 200);
  CHECK_FALSE(work.idle());
  CHECK(work.close(2, 1, now).units.size() == 1);
  CHECK(work.idle());
  CHECK(work.close(2, 1, now).units.empty());
}

TEST_CASE("a device's speed is that of its last second or so", "[master]") {
  Instant now{};
  DeviceWork work(now);
  CHECK(work.samples_per_second() == 0);
  CHECK(std::isinf(work.seconds_left()));
  work.grant(1, a_lease(1, 0, 1, 1000), now);
  now += seconds(1);
  work.answered(1, unit(0), 1, now);
  CHECK(work.samples_per_second() == Approx(1000));
  work.grant(2, a_lease(1, 0, 1, 500), now);
  CHECK(work.seconds_left() == Approx(0.5));
  now += seconds(1);
  work.answered(2, unit(0), 1, now);
  CHECK(work.samples_per_second() == Approx((1000 * 0.5 + 500) / (1 * 0.5 + 1)));
}

TEST_CASE("the time of a lease begins when the one before it has ended", "[master]") {
  Instant now{};
  DeviceWork work(now);
  work.grant(1, a_lease(1, 0, 1, 1000), now);
  work.grant(2, a_lease(1, 1, 1, 1000), now);
  now += seconds(1);
  work.answered(1, unit(0), 1, now);
  now += seconds(1);
  work.answered(2, unit(1), 1, now);
  CHECK(work.samples_per_second() == Approx(1000));
  CHECK(work.seconds_busy() == Approx(2));
  now += seconds(5);  // with nothing to do
  work.grant(3, a_lease(1, 2, 1, 1000), now);
  now += seconds(1);
  work.answered(3, unit(2), 1, now);
  CHECK(work.seconds_busy() == Approx(3));
}

TEST_CASE("a lease of which nothing was answered tells nothing of the speed", "[master]") {
  Instant now{};
  DeviceWork work(now);
  work.grant(1, a_lease(1, 0, 2), now);
  work.close(1, 1, now + seconds(10));
  CHECK(work.samples_per_second() == 0);
}

TEST_CASE("a device is overdue after a while without a finished unit", "[master]") {
  Instant now{};
  DeviceWork work(now);
  const auto is_overdue = [&](double after_seconds) {
    return work.is_overdue(
        seconds(3), 4,
        now + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(after_seconds)));
  };
  CHECK_FALSE(is_overdue(100));  // it holds nothing
  work.grant(1, a_lease(1, 0, 1, 1000), now);
  CHECK_FALSE(is_overdue(2.9));
  CHECK(is_overdue(3.1));
  now += seconds(2);
  work.touch(now);
  CHECK_FALSE(is_overdue(2.9));
  work.answered(1, unit(0), 1, now);  // 500 samples a second
  work.grant(2, a_lease(1, 0, 1, 100), now);
  work.grant(3, a_lease(1, 1, 1, 1000), now);  // its largest unit takes 2 s
  CHECK_FALSE(is_overdue(7.9));
  CHECK(is_overdue(8.1));
}
