#include "reference/comparison.hpp"

#include <cmath>
#include <random>

#include "support/catch.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// A shaded disk on a gradient, anti-aliased, its centre moved by `shift` pixels; with noise of relative
/// standard deviation `noise` in each pixel.
Image disk(double shift, double brightness, double noise, unsigned seed) {
  constexpr unsigned kSide = 160;
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, noise);
  Image image{kSide, kSide, {}};
  for (unsigned y = 0; y < kSide; ++y) {
    for (unsigned x = 0; x < kSide; ++x) {
      const double dx = x - 80.0 - shift, dy = y - 70.0;
      const double inside = std::min(1.0, std::max(0.0, 40.5 - std::sqrt(dx * dx + dy * dy)));
      const double value = brightness * (0.2 + 0.002 * y + inside * 0.4) * (1 + normal(random));
      for (const double share : {1.0, 0.8, 0.5}) image.rgb.push_back(static_cast<float>(value * share));
    }
  }
  return image;
}

}  // namespace

TEST_CASE("registration tells a shift of a fraction of a pixel", "[reference]") {
  for (const double shift : {0.0, 0.25, -0.4}) {
    const auto offset = registration({disk(0, 1, 0.02, 1), disk(shift, 1, 0.02, 2)});
    CAPTURE(shift, offset[0], offset[1]);
    CHECK(std::abs(offset[0] - shift) < 0.1);
    CHECK(std::abs(offset[1]) < 0.05);
  }
}

TEST_CASE("noise alone is told as noise, and with its right size", "[reference]") {
  const auto blocks = block_differences({disk(0, 1, 0.04, 3), disk(0, 1, 0.04, 4)}, 16);
  CHECK(blocks.size() == 100);
  const auto errors = sorted_errors(blocks);
  CHECK(quantile(errors, 0.5) == Approx(0.04 * std::sqrt(2.0) / 16).epsilon(0.05));
  CHECK(excess_over_noise(blocks) == Approx(1).margin(0.15));
}

TEST_CASE("light that differs by less than the noise of a pixel is noticed", "[reference]") {
  const auto blocks = block_differences({disk(0, 1.02, 0.04, 5), disk(0, 1, 0.04, 6)}, 16);
  CHECK(quantile(sorted_deviations(blocks), 0.5) == Approx(0.02).epsilon(0.1));
  CHECK(excess_over_noise(blocks) > 4);
}

TEST_CASE("dark blocks and the rest at the edges are left out", "[reference]") {
  Pictures pictures{disk(0, 1, 0, 7), disk(0, 1, 0, 8)};
  for (std::size_t i = 0; i < std::size_t{16} * 160 * 3; ++i) pictures.reference.rgb[i] *= 0.001f;
  const auto blocks = block_differences(pictures, 16);
  CHECK(blocks.size() == 90);
  CHECK(blocks.front().row == 1);
  CHECK(sorted_deviations(blocks).back() == Approx(0).margin(1e-6));
  CHECK(block_differences(pictures, 64).size() == 4);
}
