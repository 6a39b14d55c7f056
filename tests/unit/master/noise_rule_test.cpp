#include "master/noise_rule.hpp"

#include <cmath>

#include "support/catch.hpp"
#include "support/film_maker.hpp"
#include "support/random.hpp"

using namespace oct;

namespace {

constexpr double kQuantum = 1.0 / (1 << 24);

/// Sums of a tile whose pixels have these means in their even and in their odd samples, all channels alike.
FilmContribution halves(const RenderSettings& settings, std::uint32_t samples,
                        const std::vector<std::pair<double, double>>& means) {
  FilmContribution contribution;
  contribution.units = {0, 0, 1};
  const std::uint32_t evens = (samples + 1) / 2, odds = samples / 2;
  const auto fixed = [](double value) { return static_cast<std::int64_t>(std::llround(value / kQuantum)); };
  for (std::size_t i = 0; i < pixel_count(tile_rect(settings, 0)); ++i) {
    const auto [even, odd] = means[i % means.size()];
    const std::int64_t all = fixed(even * evens + odd * odds);
    contribution.sums.insert(contribution.sums.end(), {all, all, all, fixed(even * evens)});
  }
  return contribution;
}

bool is_clean(double threshold, std::uint32_t samples, const std::vector<std::pair<double, double>>& means) {
  const RenderSettings settings = a_setting(16, 16, 1000);
  NoiseRule rule(settings, threshold);
  rule.add(halves(settings, samples, means));
  return rule.is_clean(0, samples);
}

}  // namespace

TEST_CASE("a tile is clean when the root mean square of its pixels' errors is within the threshold",
          "[master]") {
  // Halves of 0.98 and 1.02: the standard error of their mean is half of the difference, 0.02.
  CHECK(is_clean(0.0201, 64, {{0.98, 1.02}}));
  CHECK_FALSE(is_clean(0.0199, 64, {{0.98, 1.02}}));
  // Every second pixel has the error, so the root of the mean square is 0.02 / sqrt 2.
  CHECK(is_clean(0.0142, 64, {{0.98, 1.02}, {1, 1}}));
  CHECK_FALSE(is_clean(0.0141, 64, {{0.98, 1.02}, {1, 1}}));
  // An odd number of samples: 33 even ones, 32 odd ones.
  CHECK(is_clean(0.0202, 65, {{0.98, 1.02}}));
  CHECK_FALSE(is_clean(0.0198, 65, {{0.98, 1.02}}));
}

TEST_CASE("brightness does not matter, from the darkest picture to the brightest", "[master]") {
  for (const double scale : {1e-4, 1.0, 1e4, 1e7}) {
    CAPTURE(scale);
    CHECK(is_clean(0.0205, 64, {{0.98 * scale, 1.02 * scale}}));
    CHECK_FALSE(is_clean(0.0195, 64, {{0.98 * scale, 1.02 * scale}}));
  }
  CHECK(is_clean(1e-6, 64, {{0, 0}}));  // black
}

TEST_CASE("a dark pixel is compared with a quarter of its tile's mean", "[master]") {
  // Means of 0.001 and 0.999: the quarter is 0.125, of which 0.0005 is 0.004; the root of the mean square 0.00283.
  CHECK(is_clean(0.00285, 64, {{0.0005, 0.0015}, {0.999, 0.999}}));
  CHECK_FALSE(is_clean(0.00280, 64, {{0.0005, 0.0015}, {0.999, 0.999}}));
}

TEST_CASE("one wild pixel does not overflow", "[master]") {
  CHECK_FALSE(is_clean(0.49, 64, {{1e7, 0}, {0, 0}, {0, 0}, {1e-7, 0}}));
}

TEST_CASE("a rule is of the sums, however they came", "[master]") {
  const RenderSettings settings = a_setting(40, 20, 4000);
  test::Random random(4);
  for (std::uint32_t tile = 0; tile < tile_count(settings); ++tile) {
    NoiseRule in_one(settings, 0.06), in_pieces(settings, 0.06), from_film(settings, 0.06);
    const FilmContribution whole = a_contribution(settings, {tile, 0, 4});
    in_one.add(whole);
    from_film.add(a_contribution(settings, {tile, 0, 6}));  // forgotten
    from_film.restore(tile, whole.sums);
    for (const std::uint32_t pass : {2u, 0u, 3u, 1u})
      in_pieces.add(a_contribution(settings, {tile, pass, pass + 1}));
    CHECK(in_one.squared_error(tile, 64) == in_pieces.squared_error(tile, 64));
    CHECK(in_one.squared_error(tile, 64) == from_film.squared_error(tile, 64));
  }
}

TEST_CASE("the first passes have 64 samples, or all that there are", "[master]") {
  CHECK(NoiseRule(a_setting(16, 16, 4000), 0.1).first_passes() == 4);  // 1, 4, 16, 64
  CHECK(NoiseRule(a_setting(16, 16, 50), 0.1).first_passes() == 4);    // 1, 4, 16, 50
  CHECK(NoiseRule(a_setting(16, 16, 1), 0.1).first_passes() == 1);
}
