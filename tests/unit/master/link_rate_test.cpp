#include "master/link_rate.hpp"

#include <algorithm>

#include "support/catch.hpp"

using namespace oct;

namespace {

/// A slave that produces sums for a way of some speed, second by second, as its master sees it: wide sums
/// hold four passes each while the way is the limit.
struct Way {
  double speed;  ///< bytes a second
  double queue = 0;
  double waited = 0;
  Instant now{};
  LinkRate rate{now};
  bool widens = true;

  /// A second in which narrow sums would be `narrow` bytes; what does not get through in two seconds is not
  /// even rendered, since leases are granted for what came.
  bool second_with(double narrow) {
    const double passes = rate.bound() && widens ? 4 : 1;
    queue = std::min(queue + narrow / passes, 2 * speed);
    const double sent = std::min(queue, speed);
    waited += sent / speed;
    queue -= sent;
    rate.add(static_cast<std::uint64_t>(sent), static_cast<std::uint64_t>(sent * passes));
    now += seconds(1);
    rate.waited(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(waited)), now);
    return rate.bound();
  }
  int bound_seconds(int of, double narrow) {
    int bound = 0;
    for (int i = 0; i < of; ++i) bound += second_with(narrow);
    return bound;
  }
};

}  // namespace

TEST_CASE("a way that is never full is not the limit, however much it carries", "[master]") {
  Way way{.speed = 125e6};
  CHECK(way.bound_seconds(60, 70e6) == 0);
}

TEST_CASE("a full way is found out within two seconds, at any speed", "[master]") {
  for (const double speed : {12.5e3, 1.25e6, 12.5e6, 1.25e9}) {
    INFO(speed << " bytes a second");
    Way way{.speed = speed};
    CHECK(way.bound_seconds(10, 0.3 * speed) == 0);
    CHECK(way.bound_seconds(2, 2 * speed) > 0);
    // And stays the limit although wide sums leave it half empty, but for looking every now and then.
    CHECK(way.bound_seconds(100, 2 * speed) >= 90);
  }
}

TEST_CASE("a way that is filled by wide sums, too, stays the limit", "[master]") {
  Way way{.speed = 1e6};
  way.bound_seconds(3, 20e6);
  CHECK(way.bound_seconds(50, 20e6) == 50);
}

TEST_CASE("below four tenths of what the way carries it is free again", "[master]") {
  Way way{.speed = 1e6, .widens = false};
  way.bound_seconds(3, 2e6);
  way.queue = 0;
  CHECK(way.second_with(0.45e6));  // it must not flutter
  CHECK_FALSE(way.second_with(0.3e6));
  CHECK_FALSE(way.second_with(0.45e6));
}

TEST_CASE("a way that carries more than before is found out, full or not", "[master]") {
  Way way{.speed = 1e6};
  way.bound_seconds(10, 3e6);
  REQUIRE(way.rate.bound());
  way.speed = 100e6;
  way.bound_seconds(60, 3e6);
  CHECK(way.bound_seconds(60, 3e6) == 0);
}

TEST_CASE("a way that stood still measures nothing", "[master]") {
  Instant now{};
  LinkRate rate(now);
  for (int i = 1; i <= 5; ++i) rate.waited(seconds(i), now + seconds(i));
  CHECK_FALSE(rate.bound());
}

TEST_CASE("heartbeats in quick succession are one measurement", "[master]") {
  Instant now{};
  LinkRate rate(now);
  rate.add(1000, 1000);
  rate.waited(milliseconds(500), now + milliseconds(500));
  CHECK_FALSE(rate.bound());
  rate.waited(milliseconds(1000), now + milliseconds(1000));
  CHECK(rate.bound());
}
