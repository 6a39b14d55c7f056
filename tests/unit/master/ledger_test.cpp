#include "master/ledger.hpp"

#include <algorithm>

#include "support/catch.hpp"
#include "support/film_maker.hpp"

using namespace oct;

TEST_CASE("a ledger takes each unit once", "[master]") {
  const RenderSettings settings = a_setting(40, 20, 20);  // 3 x 2 tiles, passes of 1, 3, 12, 4 samples
  Ledger ledger(settings);
  CHECK(ledger.tiles() == 6);
  CHECK(ledger.passes() == 4);
  CHECK(ledger.samples_wanted() == 40 * 20 * 20);

  CHECK(ledger.offer(a_contribution(settings, {2, 0, 1}), 7) == Offered::accepted);
  CHECK(ledger.source_of(2, 0) == 7);
  CHECK(ledger.samples_merged() == 8 * 16);  // tile 2 is 8 pixels wide, 16 high
  CHECK(ledger.offer(a_contribution(settings, {2, 0, 1}), 8) == Offered::duplicate);
  CHECK(ledger.source_of(2, 0) == 7);
  CHECK(ledger.dropped() == 1);
}

TEST_CASE("a sum over several passes is taken whole or not at all", "[master]") {
  const RenderSettings settings = a_setting(16, 16, 20);
  Ledger ledger(settings);
  CHECK(ledger.offer(a_contribution(settings, {0, 1, 2}), 1) == Offered::accepted);
  CHECK(ledger.offer(a_contribution(settings, {0, 0, 3}), 2) == Offered::duplicate);
  CHECK_FALSE(ledger.is_filled(0, 0));
  CHECK_FALSE(ledger.is_filled(0, 2));
  CHECK(ledger.offer(a_contribution(settings, {0, 2, 4}), 2) == Offered::accepted);
  CHECK(ledger.offer(a_contribution(settings, {0, 0, 1}), 2) == Offered::accepted);
  CHECK(ledger.complete());
  CHECK(ledger.samples_merged() == ledger.samples_wanted());
}

TEST_CASE("impossible contributions change nothing", "[master]") {
  const RenderSettings settings = a_setting(16, 16, 4);
  Ledger ledger(settings);
  FilmContribution contribution = a_contribution(settings, {0, 0, 1});

  SECTION("a tile outside the picture") {
    contribution.units.tile = 1;
  }
  SECTION("a pass that does not exist") {
    contribution.units = {0, 2, 3};
  }
  SECTION("no pass at all") {
    contribution.units = {0, 1, 1};
  }
  SECTION("passes backwards") {
    contribution.units = {0, 1, 0};
  }
  SECTION("too few sums") {
    contribution.sums.pop_back();
  }
  SECTION("a sum that no samples can give") {
    contribution.sums[5] = largest_sum(settings, 1) + 1;
  }
  SECTION("the same, negative") {
    contribution.sums[5] = -largest_sum(settings, 1) - 1;
  }

  CHECK(ledger.offer(contribution, 1) == Offered::impossible);
  CHECK(ledger.samples_merged() == 0);
  CHECK(ledger.dropped() == 1);
  CHECK_FALSE(ledger.is_filled(0, 0));
}

TEST_CASE("a tile that is cleared loses its samples, and the ledger says whose they were", "[master]") {
  const RenderSettings settings = a_setting(40, 20, 20);  // 3 x 2 tiles, passes of 1, 3, 12, 4 samples
  Ledger ledger(settings);
  ledger.offer(a_contribution(settings, {0, 0, 1}), 7);
  ledger.offer(a_contribution(settings, {0, 1, 3}), 8);
  ledger.offer(a_contribution(settings, {1, 0, 1}), 7);
  CHECK(ledger.tiles_of(7) == std::vector<std::uint32_t>{0, 1});
  CHECK(ledger.tiles_of(8) == std::vector<std::uint32_t>{0});
  CHECK(ledger.samples_of(7) == 2 * 256);

  const auto lost = ledger.clear_tile(0);
  CHECK(lost == std::map<SourceId, std::uint64_t>{{7, 256}, {8, 15 * 256}});
  CHECK(ledger.samples_merged() == 256);
  CHECK(ledger.samples_of(7) == 256);
  CHECK(ledger.samples_of(8) == 0);
  CHECK(ledger.tiles_of(7) == std::vector<std::uint32_t>{1});
  CHECK(ledger.tiles_of(8).empty());
  CHECK_FALSE(ledger.is_filled(0, 1));
  CHECK(ledger.clear_tile(0).empty());

  // Whoever renders it again is taken at his word.
  CHECK(ledger.offer(a_contribution(settings, {0, 0, 4}), 9) == Offered::accepted);
  CHECK(ledger.source_of(0, 3) == 9);
}

TEST_CASE("what a ledger has filled restores another", "[master]") {
  const RenderSettings settings = a_setting(40, 20, 20);
  Ledger first(settings);
  first.offer(a_contribution(settings, {2, 0, 1}), 7);
  first.offer(a_contribution(settings, {5, 1, 4}), 8);
  const std::vector<bool> filled = first.filled();
  CHECK(filled.size() == 24);
  CHECK(std::count(filled.begin(), filled.end(), true) == 4);
  CHECK(filled[2]);

  Ledger second(settings);
  second.restore(filled);
  CHECK(second.filled() == filled);
  CHECK(second.samples_merged() == first.samples_merged());
  CHECK(second.samples_of(kFromFilmFile) == first.samples_merged());
  CHECK(second.source_of(5, 3) == kFromFilmFile);
  CHECK(second.offer(a_contribution(settings, {5, 3, 4}), 1) == Offered::duplicate);
  CHECK(second.offer(a_contribution(settings, {5, 0, 1}), 1) == Offered::accepted);
  CHECK(second.clear_tile(5) == std::map<SourceId, std::uint64_t>{{1, 8 * 4}, {kFromFilmFile, 19 * 8 * 4}});
}

TEST_CASE("a ledger knows of which tiles each device had a part, this run's and an earlier one's",
          "[master]") {
  const RenderSettings settings = a_setting(40, 20, 20);  // 6 tiles
  TileSet both, one;
  both.append({1, 3});
  one.append(2);
  Ledger ledger(settings);
  ledger.restore(std::vector<bool>(24, false), {{4, both}, {5, one}, {6, {}}});
  CHECK(ledger.offer(a_contribution(settings, {2, 0, 2}), 7) == Offered::accepted);
  CHECK(ledger.offer(a_contribution(settings, {5, 1, 2}), 7) == Offered::accepted);
  CHECK(ledger.offer(a_contribution(settings, {2, 3, 4}), 9) == Offered::accepted);
  CHECK(ledger.tiles_of(4) == std::vector<std::uint32_t>{1, 2});
  CHECK(ledger.has_part(5));
  CHECK_FALSE(ledger.has_part(6));
  CHECK_FALSE(ledger.has_part(8));
  TileSet two_and_five;
  two_and_five.append(2);
  two_and_five.append(5);
  CHECK(ledger.tiles_by_source() ==
        std::map<SourceId, TileSet>{{4, both}, {5, one}, {7, two_and_five}, {9, one}});

  ledger.clear_tile(2);
  CHECK(ledger.tiles_of(4) == std::vector<std::uint32_t>{1});
  CHECK_FALSE(ledger.has_part(5));
  CHECK(ledger.has_part(7));
  CHECK_FALSE(ledger.has_part(9));
  CHECK(ledger.tiles_by_source().size() == 2);
}
