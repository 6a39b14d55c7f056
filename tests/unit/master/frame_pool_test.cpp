#include "master/frame_pool.hpp"

#include "support/catch.hpp"
#include "support/film_maker.hpp"

using namespace oct;

namespace {

constexpr std::size_t kMany = 1000;

/// 6 tiles of 256 samples a sample; passes of 1, 3, 12, 4 samples.
struct PoolRig {
  RenderSettings settings = a_setting(48, 32, 20);
  Ledger ledger{settings};
  FramePool pool{ledger};

  std::vector<UnitRange> take(std::uint64_t samples, std::size_t most_ranges = kMany, bool wide = false) {
    return pool.take(ledger, samples, most_ranges, wide);
  }
  void fill(UnitRange units) { ledger.offer(a_contribution(settings, units), 1); }
};

}  // namespace

TEST_CASE("a pool gives out pass after pass, as much as is asked for", "[master]") {
  PoolRig rig;
  const auto first = rig.take(3 * 256);
  REQUIRE(first.size() == 3);
  for (std::uint32_t i = 0; i < 3; ++i) {
    CHECK(first[i].tile == i);
    CHECK(first[i].first_pass == 0);
    CHECK(first[i].last_pass == 1);
    CHECK(rig.pool.holders(i, 0) == 1);
    CHECK_FALSE(rig.pool.is_free(rig.ledger, i, 0));
  }
  CHECK(rig.take(3 * 256 + 1).size() == 4);  // the three that are left, and one of the next pass
  CHECK(rig.take(1'000'000, 2).size() == 2);
  rig.take(1'000'000);
  CHECK(rig.take(1).empty());
}

TEST_CASE("what is released is free again, once nobody holds it, unless it is filled", "[master]") {
  PoolRig rig;
  rig.take(1'000'000);
  rig.pool.hold({2, 0, 1});
  rig.pool.release({2, 0, 1});
  CHECK(rig.take(1).empty());
  rig.pool.release({2, 0, 1});
  rig.fill({3, 0, 1});
  rig.pool.release({3, 0, 1});
  const auto again = rig.take(1'000'000);
  REQUIRE(again.size() == 1);
  CHECK(again[0].tile == 2);
}

TEST_CASE("a wide range spans the passes that are free and fit", "[master]") {
  PoolRig rig;
  SECTION("all that fit") {
    const auto taken = rig.take(4 * 256, 1, true);  // passes of 1 and 3 samples
    REQUIRE(taken.size() == 1);
    CHECK(taken[0].first_pass == 0);
    CHECK(taken[0].last_pass == 2);
    CHECK(rig.pool.holders(0, 1) == 1);
    CHECK(rig.pool.holders(0, 2) == 0);
  }
  SECTION("one at least") {
    CHECK(rig.take(1, 1, true).at(0).last_pass == 1);
  }
  SECTION("not over one that is filled") {
    rig.fill({0, 1, 2});
    CHECK(rig.take(1'000'000, 1, true).at(0).last_pass == 1);
  }
  SECTION("nor over one that is held") {
    rig.pool.hold({0, 2, 3});
    CHECK(rig.take(1'000'000, 1, true).at(0).last_pass == 2);
  }
}

TEST_CASE("a tile that was cleared is given out again, but for what is still held", "[master]") {
  PoolRig rig;
  for (const UnitRange& units : rig.take(1'000'000)) {
    rig.fill(units);
    if (units.tile != 4 || units.first_pass != 1) rig.pool.release(units);
  }
  REQUIRE(rig.ledger.complete());
  CHECK(rig.take(1).empty());
  rig.ledger.clear_tile(4);
  rig.pool.opened({4, 0, 4});
  const auto again = rig.take(1'000'000);
  REQUIRE(again.size() == 3);
  for (const UnitRange& units : again) {
    CHECK(units.tile == 4);
    CHECK(units.first_pass != 1);
  }
}

TEST_CASE("what an earlier run merged is not given out", "[master]") {
  const RenderSettings settings = a_setting(48, 32, 20);
  Ledger ledger(settings);
  std::vector<bool> filled(6 * 4, true);
  filled[6 * 2 + 5] = false;  // tile 5 of pass 2
  ledger.restore(filled);
  FramePool pool(ledger);
  const auto taken = pool.take(ledger, 1'000'000, kMany, false);
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].tile == 5);
  CHECK(taken[0].first_pass == 2);
}
