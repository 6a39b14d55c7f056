#include "film/accumulator.hpp"

#include <cmath>
#include <limits>
#include <random>

#include "support/catch.hpp"

using namespace oct;

namespace {

RenderSettings some_settings() {
  RenderSettings settings{};
  settings.quantum_log2 = -24;
  settings.contribution_limit = 1024.0f;
  settings.indirect_limit = 16.0f;
  return settings;
}

/// Rounds by long double, where float x 2^n is exact and so is the half.
i64 reference_fixed_point(float value, int quantum_log2) {
  return static_cast<i64>(std::floor(std::ldexp(static_cast<long double>(value), -quantum_log2) + 0.5L));
}

}  // namespace

TEST_CASE("fixed point rounds to nearest at every magnitude and quantum", "[film]") {
  const u32 seed = 20260;
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> exponent(-60.0f, 20.0f);
  for (int i = 0; i < 200000; ++i) {
    const int quantum = -30 + i % 21;
    const float value = std::exp2(exponent(random));
    if (fixed_point(value, quantum) != reference_fixed_point(value, quantum)) {
      CAPTURE(value, quantum);
      REQUIRE(fixed_point(value, quantum) == reference_fixed_point(value, quantum));
    }
  }
  for (const float value : {0.0f, std::numeric_limits<float>::denorm_min(), 0x1p-25f, 0x1p-24f, 0x1.8p-24f,
                            0x1.7ffffep-25f, 0x1.8p-25f, 1.0f, 0x1.fffffep19f}) {
    CAPTURE(value);
    CHECK(fixed_point(value, -24) == reference_fixed_point(value, -24));
  }
  CHECK(fixed_point(std::numeric_limits<float>::denorm_min(), -149) == 1);
}

TEST_CASE("a contribution is clamped per channel, indirect light lower", "[film]") {
  const RenderSettings settings = some_settings();
  const i64 one = i64{1} << 24;
  const FixedContribution direct = fixed_contribution(settings, {2000.0f, 1.0f, -1.0f}, 1, 1);
  CHECK(direct.sums[0] == 1024 * one);
  CHECK(direct.sums[1] == one);
  CHECK(direct.sums[2] == 0);
  CHECK(direct.sums[3] == 0);
  CHECK(direct.non_finite == 0);
  CHECK(fixed_contribution(settings, {2000.0f, 1.0f, 0.0f}, 2, 1).sums[0] == 16 * one);
}

TEST_CASE("even samples add their luminance, never above the limit", "[film]") {
  const RenderSettings settings = some_settings();
  const FixedContribution even = fixed_contribution(settings, {1.0f, 1.0f, 1.0f}, 0, 6);
  CHECK(std::abs(even.sums[3] - even.sums[0]) <= 2);
  CHECK(fixed_contribution(settings, splat(1e30f), 0, 6).sums[3] == fixed_point(1024.0f, -24));
}

TEST_CASE("a contribution that is not finite adds zero and is counted", "[film]") {
  const RenderSettings settings = some_settings();
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity}) {
    const FixedContribution contribution = fixed_contribution(settings, {1.0f, bad, 1.0f}, 0, 0);
    CHECK(contribution.non_finite == 1);
    for (const i64 sum : contribution.sums) CHECK(sum == 0);
  }
}
