#include "film/film.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "support/catch.hpp"
#include "support/settings.hpp"

using namespace oct;
using oct::test::some_settings;

namespace {

/// Random possible sums for every unit of the picture, each pass on its own.
std::vector<FilmContribution> all_contributions(const RenderSettings& settings, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<FilmContribution> contributions;
  for (u32 tile = 0; tile < tile_count(settings); ++tile) {
    for (u32 pass = 0; pass < pass_count(settings); ++pass) {
      FilmContribution contribution;
      contribution.units = {tile, pass, pass + 1};
      contribution.sums.resize(std::size_t{pixel_count(tile_rect(settings, tile))} * kFilmChannels);
      for (auto& sum : contribution.sums) sum = static_cast<std::int64_t>(random() >> 30);
      contributions.push_back(std::move(contribution));
    }
  }
  return contributions;
}

Digest hash_of(const RenderSettings& settings, const std::vector<FilmContribution>& contributions) {
  Film film(settings);
  for (const auto& contribution : contributions) film.merge(contribution);
  return film.hash();
}

FilmContribution constant_contribution(const RenderSettings& settings, UnitRange units, std::int64_t value) {
  FilmContribution contribution;
  contribution.units = units;
  contribution.sums.assign(std::size_t{pixel_count(tile_rect(settings, units.tile))} * kFilmChannels, value);
  return contribution;
}

}  // namespace

TEST_CASE("passes grow by four and end with the samples", "[film]") {
  RenderSettings settings = some_settings();
  settings.samples_per_pixel = 1000;
  std::vector<u32> lengths;
  for (u32 pass = 0; pass < pass_count(settings); ++pass) {
    const SampleRange range = samples_of(settings, pass, pass + 1);
    CHECK(range.first == (pass == 0 ? 0 : pass_end(settings, pass - 1)));
    lengths.push_back(range.last - range.first);
  }
  CHECK(lengths == std::vector<u32>{1, 3, 12, 48, 192, 744});
  settings.samples_per_pixel = 1;
  CHECK(pass_count(settings) == 1);
  settings.samples_per_pixel = 4;
  CHECK(pass_count(settings) == 2);
  settings.samples_per_pixel = 0xffffffffu;
  CHECK(samples_of(settings, 0, pass_count(settings)).last == 0xffffffffu);
}

TEST_CASE("tiles cover each pixel once", "[film]") {
  const RenderSettings settings = some_settings(33, 17);
  std::vector<int> covered(33 * 17, 0);
  for (u32 tile = 0; tile < tile_count(settings); ++tile) {
    const TileRect rect = tile_rect(settings, tile);
    for (u32 y = rect.y0; y < rect.y1; ++y) {
      for (u32 x = rect.x0; x < rect.x1; ++x) ++covered[y * 33 + x];
    }
  }
  CHECK(std::all_of(covered.begin(), covered.end(), [](int count) { return count == 1; }));
}

TEST_CASE("merging commutes: any order gives the same film hash", "[film]") {
  const RenderSettings settings = some_settings(50, 30, 100);
  auto contributions = all_contributions(settings, 1);
  const Digest expected = hash_of(settings, contributions);
  for (unsigned seed = 0; seed < 5; ++seed) {
    std::mt19937 random(seed);
    std::shuffle(contributions.begin(), contributions.end(), random);
    CHECK(hash_of(settings, contributions) == expected);
  }
  contributions.front().sums.front() += 1;
  CHECK_FALSE(hash_of(settings, contributions) == expected);
  contributions.front().sums.front() -= 1;
  contributions.pop_back();
  CHECK_FALSE(hash_of(settings, contributions) == expected);
}

TEST_CASE("films of the same sums and other sample counts have other hashes", "[film]") {
  const RenderSettings settings = some_settings(32, 16, 16);  // two tiles
  Film empty(settings), one(settings), other(settings);
  one.merge(constant_contribution(settings, {0, 0, 1}, 0));  // black
  other.merge(constant_contribution(settings, {1, 0, 1}, 0));
  CHECK_FALSE(one.hash() == empty.hash());
  CHECK_FALSE(other.hash() == empty.hash());
  CHECK_FALSE(one.hash() == other.hash());
}

TEST_CASE("a sum over several passes equals the passes merged one by one", "[film]") {
  const RenderSettings settings = some_settings(16, 16, 16);
  Film one_by_one(settings), together(settings);
  one_by_one.merge(constant_contribution(settings, {0, 0, 1}, 5));
  one_by_one.merge(constant_contribution(settings, {0, 1, 2}, 7));
  together.merge(constant_contribution(settings, {0, 0, 2}, 12));
  CHECK(one_by_one.hash() == together.hash());
  CHECK(together.samples_merged() == 16u * 16 * 4);
}

TEST_CASE("the film's hash knows how many samples its sums are of", "[film]") {
  const RenderSettings settings = some_settings(16, 16, 16);
  Film one(settings), four(settings);
  one.merge(constant_contribution(settings, {0, 0, 1}, 5));
  four.merge(constant_contribution(settings, {0, 0, 2}, 5));
  CHECK(one.sums() == four.sums());
  CHECK(one.hash() != four.hash());
}

TEST_CASE("a tile is replaced as a whole", "[film]") {
  const RenderSettings settings = some_settings(20, 18, 16);
  Film film(settings), expected(settings);
  for (u32 tile = 0; tile < tile_count(settings); ++tile)
    film.merge(constant_contribution(settings, {tile, 0, 2}, 9));
  for (u32 tile = 0; tile < tile_count(settings); ++tile) {
    const FilmContribution other = constant_contribution(settings, {tile, 0, 1}, tile + 1);
    expected.merge(other);
    film.set_tile(tile, 1, other.sums);
    CHECK(film.tile_sums(tile) == other.sums);
  }
  CHECK(film.hash() == expected.hash());
  CHECK(film.samples_merged() == expected.samples_merged());
}

TEST_CASE("a resolved pixel is the mean of its samples", "[film]") {
  const RenderSettings settings = some_settings(20, 16, 16);
  Film film(settings);
  film.merge(constant_contribution(settings, {0, 0, 2}, 3 << 24));
  const Image image = film.resolve();
  CHECK(image.rgb[0] == 0.75f);
  CHECK(image.rgb[16 * 3] == 0.0f);  // the second tile has no samples
}

TEST_CASE("the noise estimate finds the standard error", "[film]") {
  const RenderSettings settings = some_settings(64, 64, 64);
  std::mt19937 random(7);
  std::normal_distribution<double> deviate(10.0, 2.0);
  Film film(settings);
  for (u32 tile = 0; tile < tile_count(settings); ++tile) {
    FilmContribution contribution = constant_contribution(settings, {tile, 0, pass_count(settings)}, 0);
    for (std::size_t pixel = 0; pixel < 256; ++pixel) {
      for (int sample = 0; sample < 64; ++sample) {
        const auto value = static_cast<std::int64_t>(deviate(random) * (1 << 24));
        for (std::size_t c = 0; c < 3; ++c) contribution.sums[pixel * kFilmChannels + c] += value;
        if (sample % 2 == 0) contribution.sums[pixel * kFilmChannels + 3] += value;
      }
    }
    film.merge(contribution);
  }
  const double expected = 2.0 / std::sqrt(64.0) / 10.0;
  CHECK(film.noise_estimate() == Approx(expected).epsilon(0.05));
  CHECK(Film(settings).noise_estimate() == 0);
}

TEST_CASE("the film refuses contributions that are not possible", "[film]") {
  const RenderSettings settings = some_settings(40, 24, 16);
  CHECK(check_contribution(settings, constant_contribution(settings, {2, 0, 3}, 5)));
  const std::int64_t limit = largest_sum(settings, 1);
  CHECK(check_contribution(settings, constant_contribution(settings, {0, 0, 1}, limit)));
  CHECK_FALSE(check_contribution(settings, constant_contribution(settings, {0, 0, 1}, limit + 1)));
  CHECK_FALSE(check_contribution(settings, constant_contribution(settings, {0, 0, 1}, -1)));
  auto contribution = constant_contribution(settings, {0, 0, 1}, 5);
  contribution.sums.pop_back();
  CHECK_FALSE(check_contribution(settings, contribution));
  for (const UnitRange units :
       {UnitRange{6, 0, 1}, UnitRange{0, 1, 1}, UnitRange{0, 2, 1}, UnitRange{0, 0, 4},
        UnitRange{0xffffffff, 0, 1}, UnitRange{0, 0, 0xffffffff}}) {
    contribution.units = units;
    CHECK(check_contribution(settings, contribution).error().kind == ErrorKind::protocol);
  }
}

TEST_CASE("settings that could overflow the film are refused before rendering", "[film]") {
  CHECK(check_settings(some_settings()));
  const auto refused = [](auto change) {
    RenderSettings settings = some_settings();
    change(settings);
    return !check_settings(settings).has_value();
  };
  CHECK(refused([](RenderSettings& s) { s.width = 0; }));
  CHECK(refused([](RenderSettings& s) { s.height = 70000; }));
  CHECK(refused([](RenderSettings& s) { s.samples_per_pixel = 0; }));
  CHECK(refused([](RenderSettings& s) { s.samples_per_pixel = 1u << 30; }));
  CHECK(refused([](RenderSettings& s) { s.contribution_limit = -1; }));
  CHECK(refused([](RenderSettings& s) { s.contribution_limit = 1e30f; }));
  CHECK(refused([](RenderSettings& s) { s.indirect_limit = std::nanf(""); }));
  CHECK(refused([](RenderSettings& s) { s.indirect_limit = 2 * s.contribution_limit; }));
  CHECK(refused([](RenderSettings& s) { s.quantum_log2 = 3; }));
  CHECK(refused([](RenderSettings& s) { s.max_depth = 5000; }));

  RenderSettings most = some_settings();
  most.max_depth = 16;
  while (check_settings(most)) ++most.samples_per_pixel, most.samples_per_pixel *= 2;
  most.samples_per_pixel = (most.samples_per_pixel / 2) - 1;
  REQUIRE(check_settings(most));
  CHECK(largest_sum(most, most.samples_per_pixel) > 0);
  CHECK(largest_sum(most, most.samples_per_pixel) < std::int64_t{1} << 62);
}

TEST_CASE("the largest number of samples is allowed, and one more names it", "[film]") {
  for (const u32 depth : {0u, 1u, 16u, 1024u}) {
    for (const float limit : {1000.0f, 32768.0f, 65536.0f}) {
      RenderSettings settings = some_settings();
      settings.max_depth = depth;
      settings.contribution_limit = settings.indirect_limit = limit;
      const u32 most = most_samples_per_pixel(settings);
      settings.samples_per_pixel = most;
      CHECK(check_settings(settings));
      ++settings.samples_per_pixel;
      const auto refused = check_settings(settings);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().help.find(std::to_string(most)) != std::string::npos);
    }
  }
  RenderSettings fine = some_settings();
  fine.contribution_limit = fine.indirect_limit = 1e-3f;
  fine.quantum_log2 = 0;
  CHECK(most_samples_per_pixel(fine) == 0xffffffffu);
}
