#include "device/lease_work.hpp"

#include <algorithm>
#include <map>
#include <random>

#include "support/catch.hpp"

using namespace oct;

namespace {

RenderSettings some_settings() {
  RenderSettings settings{};
  settings.width = 40;  // tiles of 16, 16, 8 x 16, 4
  settings.height = 20;
  settings.samples_per_pixel = 300;
  return settings;
}

}  // namespace

TEST_CASE("the pieces of a lease cover each path of each unit once", "[device]") {
  const RenderSettings settings = some_settings();
  const Lease lease{1, {{0, 0, 1}, {5, 1, 5}, {2, 4, 6}, {3, 0, 6}}};
  const ContributionSink sink = [](FilmContribution) {};
  const LeaseWork work(settings, lease, sink);
  std::map<std::size_t, std::uint64_t> paths;
  for (std::size_t i = 0; i < work.piece_count(); ++i) {
    const WorkPiece piece = work.piece(i);
    const UnitRange units = lease.units[piece.unit_index];
    const std::uint64_t pixels = pixel_count(tile_rect(settings, units.tile));
    const SampleRange samples = samples_of(settings, units.first_pass, units.last_pass);
    CHECK(piece.tile == units.tile);
    CHECK(piece.first_path == samples.first * pixels + paths[piece.unit_index]);
    paths[piece.unit_index] += piece.path_count;
    CHECK(piece.first_path + piece.path_count <= samples.last * pixels);
    CHECK(piece.path_count <= LeaseWork::kPathsPerPiece);
  }
  CHECK(paths[0] == 256);
  CHECK(paths[1] == (256 - 1) * 8 * 4);
  CHECK(paths[2] == (300 - 64) * 8 * 16);
  CHECK(paths[3] == 300 * 16 * 4);
}

TEST_CASE("a unit is sent once, when its last piece is finished, in any order", "[device]") {
  const RenderSettings settings = some_settings();
  const Lease lease{1, {{0, 0, 6}, {1, 2, 4}, {5, 0, 5}}};
  std::vector<FilmContribution> sent;
  const ContributionSink sink = [&sent](FilmContribution contribution) {
    sent.push_back(std::move(contribution));
  };
  LeaseWork work(settings, lease, sink);

  std::vector<std::size_t> order(work.piece_count());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const unsigned seed = 7;
  CAPTURE(seed);
  std::shuffle(order.begin(), order.end(), std::mt19937(seed));
  std::map<std::size_t, std::int64_t> expected;
  for (const std::size_t index : order) {
    CHECK_FALSE(work.complete());
    const WorkPiece piece = work.piece(index);
    std::vector<std::int64_t> sums = work.make_sums(piece);
    for (std::int64_t& sum : sums) sum = static_cast<std::int64_t>(index) + 1;
    expected[piece.unit_index] += static_cast<std::int64_t>(index) + 1;
    work.finish(piece, sums, 1);
  }
  CHECK(work.complete());
  REQUIRE(sent.size() == 3);
  for (const FilmContribution& contribution : sent) {
    const auto unit = std::find_if(lease.units.begin(), lease.units.end(), [&](const UnitRange& range) {
      return range.tile == contribution.units.tile;
    });
    const auto index = static_cast<std::size_t>(unit - lease.units.begin());
    CHECK(contribution.units.last_pass == unit->last_pass);
    CHECK(contribution.sums.size() == pixel_count(tile_rect(settings, unit->tile)) * kFilmChannels);
    CHECK(std::all_of(contribution.sums.begin(), contribution.sums.end(),
                      [&](std::int64_t sum) { return sum == expected[index]; }));
  }
}

TEST_CASE("a lease that names units outside the picture is refused", "[device]") {
  const RenderSettings settings = some_settings();
  CHECK(check_units(settings, {1, {{5, 0, 6}}}));
  CHECK_FALSE(check_units(settings, {1, {{6, 0, 1}}}));
  CHECK_FALSE(check_units(settings, {1, {{0, 0, 7}}}));
  CHECK_FALSE(check_units(settings, {1, {{0, 2, 2}}}));
  CHECK_FALSE(check_units(settings, {1, {{0, 3, 2}}}));
}
