#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "shade_support.hpp"
#include "support/catch.hpp"

// Holds the samples of a BSDF against its density, by chi squared over cells of the sphere.

namespace oct::test {

/// The sphere cut into rings of equal angle from the normal, times sectors.
inline constexpr int kRings = 24, kSectors = 16;
inline constexpr double kTurn = 6.283185307179586;

/// Integral of the density over each cell, by the midpoint rule.
template <class AnyBsdf>
std::vector<double> expected_shares(const AnyBsdf& bsdf, int steps) {
  std::vector<double> shares(kRings * kSectors);
  const double angle_step = 0.5 * kTurn / (kRings * steps), turn_step = kTurn / (kSectors * steps);
  for (int ring = 0; ring < kRings * steps; ++ring)
    for (int sector = 0; sector < kSectors * steps; ++sector) {
      const double angle = (ring + 0.5) * angle_step, turn = (sector + 0.5) * turn_step;
      const Vec3 wi = {static_cast<float>(std::sin(angle) * std::cos(turn)),
                       static_cast<float>(std::sin(angle) * std::sin(turn)),
                       static_cast<float>(std::cos(angle))};
      shares[static_cast<std::size_t>(ring / steps * kSectors + sector / steps)] +=
          static_cast<double>(eval_bsdf(bsdf, wi).pdf) * std::sin(angle) * angle_step * turn_step;
    }
  return shares;
}

inline std::size_t cell_of(Vec3 wi) {
  const double angle = std::atan2(std::hypot(wi.x, wi.y), wi.z) / (0.5 * kTurn);
  double turn = std::atan2(wi.y, wi.x) / kTurn;
  if (turn < 0) turn += 1;
  const int ring = std::min(static_cast<int>(angle * kRings), kRings - 1);
  return static_cast<std::size_t>(ring * kSectors +
                                  std::min(static_cast<int>(turn * kSectors), kSectors - 1));
}

/// How many standard deviations chi squared lies above what chance gives (Wilson and Hilferty 1931). Cells
/// that expect less than 5 are taken together.
inline double chi_squared_excess(const std::vector<double>& shares, const std::vector<int>& counts,
                                 int samples) {
  double chi2 = 0, pooled_share = 0;
  int degrees = 0, pooled_count = 0;
  const auto add = [&](double expected, int count) {
    chi2 += (count - expected) * (count - expected) / expected;
    ++degrees;
  };
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (shares[i] * samples >= 5) {
      add(shares[i] * samples, counts[i]);
    } else {
      pooled_share += shares[i];
      pooled_count += counts[i];
    }
  }
  if (pooled_share * samples >= 5) add(pooled_share * samples, pooled_count);
  const double k = degrees - 1;
  return (std::cbrt(chi2 / k) - (1 - 2 / (9 * k))) / std::sqrt(2 / (9 * k));
}

/// Counts samples in cells, what is absorbed in one more, and holds each weight against f_cos / pdf.
template <class AnyBsdf>
std::vector<int> count_samples(const AnyBsdf& bsdf, int samples, std::uint64_t seed) {
  std::vector<int> counts(kRings * kSectors + 1);
  Uniform uniform(seed);
  int wrong = 0;
  for (int i = 0; i < samples; ++i) {
    const float lobe = uniform();
    const BsdfSample sample = sample_bsdf(bsdf, lobe, uniform.pair());
    if (sample.pdf == 0) {
      ++counts.back();
      continue;
    }
    ++counts[cell_of(sample.wi)];
    const BsdfEval eval = eval_bsdf(bsdf, sample.wi);
    const Vec3 difference = oct::abs(sample.weight * eval.pdf - eval.f_cos);
    if (eval.pdf != sample.pdf || max_component(difference) > 1e-5f * max_component(eval.f_cos)) ++wrong;
    if ((sample.flags == kScatterReflected) != (sample.wi.z > 0)) ++wrong;
  }
  CHECK(wrong == 0);
  return counts;
}

/// Checks the samples of a BSDF without delta lobes, whose viewer sees the plane z = 0.
/// steps  of the integration of the density, in each direction of each cell
template <class AnyBsdf>
void check_sampling(const AnyBsdf& bsdf, int samples, int steps) {
  std::vector<double> shares = expected_shares(bsdf, steps);
  double total = 0;
  for (const double share : shares) total += share;
  const std::vector<int> counts = count_samples(bsdf, samples, 7);
  // what is not scattered is absorbed: the density integrates to the rest
  CHECK(total <= 1.003);
  CHECK(total + static_cast<double>(counts.back()) / samples == Approx(1).margin(0.01));
  shares.push_back(std::max(0.0, 1 - total));
  CHECK(chi_squared_excess(shares, counts, samples) < 4.5);
}

}  // namespace oct::test
