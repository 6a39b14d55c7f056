#include "compile/transforms.hpp"

#include <cmath>

#include "support/catch.hpp"
#include "support/random.hpp"

using namespace oct;
using namespace oct::test;

namespace {

float between(Random& random, float lo, float hi) {
  return lo + (hi - lo) * static_cast<float>(random.below(1 << 24)) * 0x1p-24f;
}

/// Largest entry of |a b - 1|, in double.
double distance_from_identity(const Transform& a, const Transform& b) {
  double worst = 0;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 4; ++j) {
      double sum = j == 3 ? static_cast<double>(a.m[4 * i + 3]) : 0;
      for (int k = 0; k < 3; ++k)
        sum += static_cast<double>(a.m[4 * i + k]) * static_cast<double>(b.m[4 * k + j]);
      worst = std::max(worst, std::abs(sum - (i == j ? 1 : 0)));
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("a transform times its inverse is one", "[compile]") {
  Random random(11);
  for (int n = 0; n < 2000; ++n) {
    Transform transform{};
    for (float& entry : transform.m) entry = between(random, -2, 2);
    const auto inverted = inverse(transform);
    if (!inverted) continue;
    float largest = 0;
    for (const float entry : inverted->m) largest = std::max(largest, std::abs(entry));
    CHECK(distance_from_identity(transform, *inverted) < 1e-6 * static_cast<double>(1 + largest));
  }
}

TEST_CASE("inverses of scales are exact from micrometres to light years", "[compile]") {
  for (const float scale : {0x1p-40f, 0x1p-20f, 1.0f, 0x1p20f, 0x1p50f}) {
    const auto inverted = inverse({{scale, 0, 0, 3, 0, scale, 0, -4, 0, 0, scale, 5}});
    REQUIRE(inverted);
    CHECK(inverted->m[0] == 1 / scale);
    CHECK(inverted->m[3] == -3 / scale);
    CHECK(inverted->m[7] == 4 / scale);
  }
  const auto uneven = inverse({{1e-6f, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1e6f, 0}});
  CHECK(uneven);
}

TEST_CASE("a singular transform has no inverse", "[compile]") {
  CHECK_FALSE(inverse({{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}}));
  CHECK_FALSE(inverse({{1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0}}));
  CHECK_FALSE(
      inverse({{0.1f, 0.2f, 0.3f, 0, 0.2f, 0.4f, 0.6f, 0, 0, 0, 1, 0}}));  // dependent but for rounding
  CHECK_FALSE(inverse(Transform{}));
  CHECK_FALSE(
      inverse({{1e-25f, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}}));  // its inverse would leave the allowed range
}

TEST_CASE("normals are carried by cofactors, through flat maps too", "[compile]") {
  const Vec3 n = carry_normal({{2, 0, 0, 9, 0, 1, 0, 9, 0, 0, 1, 9}}, {1, 1, 0});
  CHECK(n.x / n.y == Approx(0.5));
  const Vec3 flat = carry_normal({{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}}, {0.6f, 0, 0.8f});
  CHECK(flat.x == 0);
  CHECK(flat.z == 1);
}

TEST_CASE("the rigid part keeps where a camera looks and drops scale, shear and mirroring", "[compile]") {
  const auto rigid = rigid_part({{-3, 0, 0, 1, 0, 2, 0, 2, 0, 0.5f, 4, 3}});
  REQUIRE(rigid);
  const float* m = rigid->m;
  CHECK(m[0] == 1);  // not mirrored
  CHECK(m[5] == Approx(1));
  CHECK(m[10] == 1);
  CHECK(m[3] == 1);
  CHECK(m[7] == 2);
  CHECK(m[11] == 3);
  CHECK_FALSE(rigid_part({{1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0}}));
  CHECK_FALSE(rigid_part(Transform{}));
}
