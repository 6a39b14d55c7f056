#include "film/unit_bits.hpp"

#include "film/film.hpp"
#include "support/catch.hpp"
#include "support/film_maker.hpp"
#include "support/random.hpp"

using namespace oct;

namespace {

std::size_t bit(const RenderSettings& settings, u32 tile, u32 pass) {
  return std::size_t{pass} * tile_count(settings) + tile;
}

/// A render that is interrupted: some units, in any order, merged into the film.
void render_some(Film& film, UnitBits& units, double share, test::Random& random) {
  const RenderSettings settings = film.settings();
  for (u32 pass = 0; pass < pass_count(settings); ++pass) {
    for (u32 tile = 0; tile < tile_count(settings); ++tile) {
      if (units[bit(settings, tile, pass)] || !random.chance(share)) continue;
      film.merge(a_contribution(settings, {tile, pass, pass + 1}));
      units[bit(settings, tile, pass)] = true;
    }
  }
}

Digest uninterrupted(u32 samples) {
  const RenderSettings settings = a_setting(40, 20, samples);
  Film film(settings);
  for (u32 tile = 0; tile < tile_count(settings); ++tile)
    film.merge(a_contribution(settings, {tile, 0, pass_count(settings)}));
  return film.hash();
}

void go_on(Film& film, UnitBits& units, u32 samples) {
  const auto next = continued(film.settings(), units, samples);
  REQUIRE(next);
  REQUIRE(samples_of_units(next->settings, next->units) == film.samples_merged());
  REQUIRE(tile_samples_of(next->settings, next->units) == film.tile_samples());
  film.continue_with(next->settings);
  units = next->units;
}

}  // namespace

TEST_CASE("a film that goes on with more samples ends with the bits of an uninterrupted one", "[film]") {
  test::Random random(11);
  for (int round = 0; round < 300; ++round) {
    const u32 first = static_cast<u32>(random.between(1, 90));
    const u32 second = static_cast<u32>(random.between(first, 140));
    const u32 third = static_cast<u32>(random.between(second, 200));
    CAPTURE(round, first, second, third);
    Film film(a_setting(40, 20, first));
    UnitBits units(unit_count(film.settings()), false);
    render_some(film, units, random.chance(0.3) ? 1.0 : 0.5, random);
    go_on(film, units, second);
    render_some(film, units, random.chance(0.3) ? 1.0 : 0.5, random);
    go_on(film, units, third);
    render_some(film, units, 1.0, random);
    REQUIRE(film.samples_merged() == std::uint64_t{40} * 20 * third);
    REQUIRE(film.hash() == uninterrupted(third));
  }
}

TEST_CASE("a pass goes on ending where the shorter render did only while tiles differ there", "[film]") {
  const RenderSettings held = a_setting(40, 20, 50);  // passes end at 1, 4, 16, 50
  UnitBits units(unit_count(held), true);
  CHECK(continued(held, units, 80)->settings.extra_pass_ends[0] == 50);
  for (u32 tile = 0; tile < tile_count(held); ++tile) units[bit(held, tile, 3)] = false;
  CHECK(continued(held, units, 80)->settings.extra_pass_ends[0] == 0);  // nobody reached 50
  units[bit(held, 2, 3)] = true;
  const auto more = continued(held, units, 80);
  CHECK(more->settings.extra_pass_ends[0] == 50);
  CHECK(more->settings.extra_pass_ends[1] == 0);
  CHECK(pass_count(more->settings) == 6);  // 1, 4, 16, 50, 64, 80

  UnitBits all(unit_count(more->settings), true);
  const auto third = continued(more->settings, all, 200);
  CHECK(third->settings.extra_pass_ends[0] == 80);  // everybody passed 50
  CHECK(third->settings.extra_pass_ends[1] == 0);

  const RenderSettings natural = a_setting(40, 20, 64);
  CHECK(continued(natural, UnitBits(unit_count(natural), true), 100)->settings.extra_pass_ends[0] == 0);
}

TEST_CASE("a film goes on with the same settings as it is, and never with fewer samples", "[film]") {
  RenderSettings held = a_setting(40, 20, 50);
  held.extra_pass_ends[0] = 20;
  const UnitBits units(unit_count(held), false);
  const auto same = continued(held, units, 50);
  CHECK(same->settings.extra_pass_ends[0] == 20);
  CHECK(same->units == units);
  const auto fewer = continued(held, units, 49);
  REQUIRE_FALSE(fewer);
  CHECK(fewer.error().message == "samples per pixel 50, now 49");
  CHECK_FALSE(continued(held, units, 0xffffffffu));
}

TEST_CASE("ends that no room is left for are refused with what to do", "[film]") {
  RenderSettings held = a_setting(80, 20, 70);
  UnitBits units(unit_count(held), false);
  for (u32 pass = 0; pass < pass_count(held); ++pass) units[bit(held, 0, pass)] = true;
  u32 tile = 1;
  for (const u32 samples : {80u, 90u}) {  // one more tile each time, none of the others
    const auto next = continued(held, units, samples);
    REQUIRE(next);
    held = next->settings;
    units = next->units;
    for (u32 pass = 0; pass < pass_count(held); ++pass) units[bit(held, tile, pass)] = true;
    ++tile;
  }
  const auto fourth = continued(held, units, 100);
  REQUIRE(fourth);
  CHECK(fourth->settings.extra_pass_ends[2] == 90);
  units = fourth->units;
  for (u32 pass = 0; pass < pass_count(fourth->settings); ++pass)
    units[bit(fourth->settings, tile, pass)] = true;
  const auto fifth = continued(fourth->settings, units, 110);
  REQUIRE_FALSE(fifth);
  CHECK(fifth.error().help == "-s 100 first, then more");
}
