#include "sample/sobol.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "support/catch.hpp"

namespace oct {

namespace {

/// The highest `bits` bits of x.
u32 top(u32 x, u32 bits) {
  return bits == 0 ? 0 : x >> (32 - bits);
}

/// True if each of the elementary intervals 2^-a x 2^-(m - a), for all a, holds exactly one of 2^m points.
bool is_net(const std::vector<SobolBits>& points, u32 m) {
  for (u32 a = 0; a <= m; ++a) {
    std::vector<bool> taken(points.size());
    for (const SobolBits& point : points) {
      const u32 cell = top(point.x, a) << (m - a) | top(point.y, m - a);
      if (taken[cell]) return false;
      taken[cell] = true;
    }
  }
  return true;
}

std::vector<SobolBits> block(u32 seed, u32 pixel, u32 dimension, u32 first, u32 count) {
  std::vector<SobolBits> points;
  for (u32 i = 0; i < count; ++i) points.push_back(sobol_2d_bits({seed, pixel, first + i}, dimension));
  return points;
}

/// Pearson's correlation of two pairs' coordinates over n samples.
double correlation(u32 n, const std::function<float(u32)>& f, const std::function<float(u32)>& g) {
  double sum_f = 0, sum_g = 0, sum_ff = 0, sum_gg = 0, sum_fg = 0;
  for (u32 i = 0; i < n; ++i) {
    const double a = static_cast<double>(f(i)), b = static_cast<double>(g(i));
    sum_f += a, sum_g += b, sum_ff += a * a, sum_gg += b * b, sum_fg += a * b;
  }
  return (n * sum_fg - sum_f * sum_g) /
         std::sqrt((n * sum_ff - sum_f * sum_f) * (n * sum_gg - sum_g * sum_g));
}

}  // namespace

TEST_CASE("Sobol points match the published ones", "[sample]") {
  // Dimensions 1 and 2 of new-joe-kuo-6.21201, in natural order (Gray-code generators list the same points
  // permuted)
  const float published[][2] = {{0, 0},           {0.5f, 0.5f},     {0.25f, 0.75f},   {0.75f, 0.25f},
                                {0.125f, 0.625f}, {0.625f, 0.125f}, {0.375f, 0.375f}, {0.875f, 0.875f}};
  for (u32 i = 0; i < 8; ++i) {
    CHECK(unit_float(sobol_point(i).x) == published[i][0]);
    CHECK(unit_float(sobol_point(i).y) == published[i][1]);
  }
}

TEST_CASE("the bit trick equals the direction numbers", "[sample]") {
  // Dimension 2 has degree 1, a = 0, m_1 = 1, hence m_k = 2 m_{k-1} xor m_{k-1} (Joe and Kuo 2008, equation
  // 2)
  u32 directions[32];
  u32 m = 1;
  for (u32 k = 0; k < 32; ++k) {
    directions[k] = m << (31 - k);
    m = (m << 1) ^ m;
  }
  CHECK(directions[7] >> 24 == 255);
  for (u32 i = 0; i < 20000; ++i) {
    const u32 index = i < 10000 ? i : hash(i);
    u32 y = 0;
    for (u32 k = 0; k < 32; ++k)
      if (index >> k & 1u) y ^= directions[k];
    if (sobol_point(index).y != y) FAIL("index " << index);
  }
}

TEST_CASE("aligned blocks of every power of two are nets", "[sample]") {
  for (u32 m = 0; m <= 10; ++m)
    for (u32 trial = 0; trial < 6; ++trial) {
      const u32 first = trial < 3 ? trial << m : hash(trial) >> m << m;
      INFO("2^" << m << " samples from " << first);
      CHECK(is_net(block(trial, 1000 + trial, 2 * trial, first, 1u << m), m));
    }
  CHECK_FALSE(is_net(block(1, 2, 0, 1, 256), 8));  // not aligned: no net, so the test can tell
}

TEST_CASE("single dimensions are stratified in aligned blocks", "[sample]") {
  for (u32 m = 0; m <= 12; m += 2) {
    std::vector<bool> taken(1u << m);
    for (u32 i = 0; i < 1u << m; ++i) taken[top(sobol_1d_bits({7, 8, (3u << m) + i}, 5), m)] = true;
    CHECK(std::count(taken.begin(), taken.end(), true) == 1 << m);
  }
}

TEST_CASE("Owen scrambling permutes dyadic intervals", "[sample]") {
  for (u32 seed = 0; seed < 20; ++seed)
    for (u32 i = 0; i < 200; ++i) {
      const u32 x = hash(i), bits = i % 32;
      const u32 sibling = x ^ (0x80000000u >> bits);  // first differs in bit `bits`
      const u32 a = owen_scramble(x, hash(seed)), b = owen_scramble(sibling, hash(seed));
      if (top(a, bits) != top(b, bits) || top(a, bits + 1) == top(b, bits + 1))
        FAIL("seed " << seed << " x " << x);
    }
}

TEST_CASE("seed, pixel and dimension each give other points", "[sample]") {
  const SampleId id = {1, 2, 3};
  const SobolBits point = sobol_2d_bits(id, 4);
  for (const SobolBits& other : {sobol_2d_bits({2, 2, 3}, 4), sobol_2d_bits({1, 3, 3}, 4),
                                 sobol_2d_bits({1, 2, 4}, 4), sobol_2d_bits(id, 5), sobol_2d_bits(id, 6)}) {
    CHECK(other.x != point.x);
    CHECK(other.y != point.y);
  }
  CHECK(sobol_2d_bits(id, 4).x == point.x);  // and nothing else does
}

TEST_CASE("a sample's points are uniform over pixels", "[sample]") {
  for (u32 sample : {0u, 1u, 77u}) {
    u32 cells[64] = {};
    for (u32 pixel = 0; pixel < 64 * 1000; ++pixel) {
      const SobolBits point = sobol_2d_bits({9, pixel, sample}, 0);
      ++cells[top(point.x, 3) << 3 | top(point.y, 3)];
    }
    double chi_squared = 0;
    for (const u32 count : cells) chi_squared += (count - 1000.0) * (count - 1000.0) / 1000.0;
    CHECK(chi_squared < 120);  // 63 degrees of freedom: p < 2e-5
    CHECK(chi_squared > 25);
  }
}

TEST_CASE("dimensions and neighbouring pixels are uncorrelated", "[sample]") {
  double squares = 0;
  constexpr u32 kTrials = 60, kSamples = 256;
  for (u32 trial = 0; trial < kTrials; ++trial) {
    const auto first = [&](u32 i) { return sobol_2d({5, trial, i}, 0).x; };
    for (const double r : {correlation(kSamples, first,
                                       [&](u32 i) {
                                         return sobol_2d({5, trial, i}, 2).x;
                                       }),
                           correlation(kSamples, first,
                                       [&](u32 i) {
                                         return sobol_1d({5, trial, i}, 4);
                                       }),
                           correlation(kSamples, first, [&](u32 i) {
                             return sobol_2d({5, trial + 1, i}, 0).x;
                           })})
      squares += r * r;
  }
  // n r^2 has mean 1 for independent points; here 1.45, since samples 2i and 2i + 1 take opposite halves in
  // every dimension. Points that follow each other give n.
  const double mean = squares / (3 * kTrials) * kSamples;
  CHECK(mean > 0.9);
  CHECK(mean < 2.0);
}

TEST_CASE("scrambled Sobol points integrate smooth functions at better than the Monte Carlo rate",
          "[sample]") {
  // Variance falls like n^-3 (Owen 1997); random points: n^-1
  const auto mean_square_error = [](u32 n) {
    double sum = 0;
    for (u32 pixel = 0; pixel < 100; ++pixel) {
      double estimate = 0;
      for (u32 i = 0; i < n; ++i) {
        const Vec2 u = sobol_2d({3, pixel, i}, 0);
        estimate += static_cast<double>(u.x * u.x + u.x * u.y);
      }
      const double error = estimate / n - (1.0 / 3 + 0.25);
      sum += error * error;
    }
    return sum / 100;
  };
  const double gain = mean_square_error(16) / mean_square_error(256);
  CHECK(gain > 16.0 * 16 * 4);  // 16^3 = 4096 expected, 16 without stratification
}

}  // namespace oct
