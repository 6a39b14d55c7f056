#include "sample/warp.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "sample/random.hpp"
#include "support/catch.hpp"

namespace oct {

namespace {

constexpr double kTurn = 6.283185307179586;

Vec2 random_square(u32 i, u32 seed) {
  return {unit_float(hash(seed, i, 0)), unit_float(hash(seed, i, 1))};
}

/// Chi-squared per degree of freedom of 100 000 warped points over cells of equal probability. `cell` gives a
/// point of the unit square in which the points should be uniform: the inverse of the warp, by its
/// distribution function.
double chi_squared(const std::function<Vec2(Vec2)>& warp_and_invert) {
  constexpr u32 kSide = 16, kSamples = 100000;
  std::vector<u32> cells(kSide * kSide);
  for (u32 i = 0; i < kSamples; ++i) {
    const Vec2 p = warp_and_invert(random_square(i, 11));
    const u32 x = std::min(to_u32(p.x * kSide), kSide - 1), y = std::min(to_u32(p.y * kSide), kSide - 1);
    ++cells[y * kSide + x];
  }
  const double expected = double{kSamples} / (kSide * kSide);
  double sum = 0;
  for (const u32 count : cells) sum += (count - expected) * (count - expected) / expected;
  return sum / (kSide * kSide - 1);
}

/// Share of a turn, in [0, 1).
float azimuth(float x, float y) {
  const double angle = std::atan2(static_cast<double>(y), static_cast<double>(x)) / kTurn;
  return static_cast<float>(angle < 0 ? angle + 1 : angle);
}

/// Integral of a density over the sphere, by the midpoint rule in (z, azimuth).
double integrate_over_sphere(const std::function<float(Vec3)>& pdf) {
  constexpr int kZ = 2000, kPhi = 8;
  double sum = 0;
  for (int i = 0; i < kZ; ++i)
    for (int j = 0; j < kPhi; ++j) {
      const double z = (i + 0.5) / kZ * 2 - 1, r = std::sqrt(1 - z * z), phi = (j + 0.5) / kPhi * kTurn;
      const Vec3 direction = {static_cast<float>(r * std::cos(phi)), static_cast<float>(r * std::sin(phi)),
                              static_cast<float>(z)};
      sum += static_cast<double>(pdf(direction));
    }
  return sum * 2 * kTurn / (kZ * kPhi);
}

/// Largest stretch of the map: |f(p) - f(q)| / |p - q| over neighbours on a fine grid.
double largest_stretch(const std::function<Vec3(Vec2)>& warp, bool wraps_in_y) {
  constexpr u32 kSide = 256;
  double largest = 0;
  const float step = 1.0f / kSide;
  for (u32 y = 0; y < kSide; ++y)
    for (u32 x = 0; x + 1 < kSide; ++x) {
      const Vec2 p = {(static_cast<float>(x) + 0.5f) * step, (static_cast<float>(y) + 0.5f) * step};
      const Vec2 right = {p.x + step, p.y}, up = {p.x, y + 1 < kSide ? p.y + step : 0.5f * step};
      largest = std::max(largest, static_cast<double>(length(warp(right) - warp(p)) / step));
      if (y + 1 < kSide || wraps_in_y)
        largest = std::max(largest, static_cast<double>(length(warp(up) - warp(p)) / step));
    }
  return largest;
}

/// The corners of the square as random numbers can reach them, and its middle.
std::vector<Vec2> extreme_points() {
  const float values[] = {0.0f, 0x1p-24f,        0.25f, 0.5f - 0x1p-24f,
                          0.5f, 0.5f + 0x1p-24f, 0.75f, 1.0f - 0x1p-24f};
  std::vector<Vec2> points;
  for (const float x : values)
    for (const float y : values) points.push_back({x, y});
  return points;
}

bool is_unit(Vec3 v) {
  return abs(length(v) - 1.0f) < 4e-7f;
}

}  // namespace

TEST_CASE("warped points follow their densities", "[sample]") {
  // Each is brought back by the distribution function of its density; the mean of chi-squared is 1, 1.4 has p
  // < 1e-4.
  CHECK(chi_squared([](Vec2 u) {
          const DiskPoint p = warp_disk(u);
          return Vec2{p.x * p.x + p.y * p.y, azimuth(p.x, p.y)};
        }) < 1.4);
  CHECK(chi_squared([](Vec2 u) {
          const Vec3 d = warp_cosine_hemisphere(u);
          return Vec2{d.z * d.z, azimuth(d.x, d.y)};
        }) < 1.4);
  CHECK(chi_squared([](Vec2 u) {
          const Vec3 d = warp_sphere(u);
          return Vec2{0.5f + 0.5f * d.z, azimuth(d.x, d.y)};
        }) < 1.4);
  for (const float cos_edge : {-1.0f, 0.2f, 0.999f})
    CHECK(chi_squared([&](Vec2 u) {
            const Vec3 d = warp_cone(u, cos_edge);
            return Vec2{(d.z - cos_edge) / (1.0f - cos_edge), azimuth(d.x, d.y)};
          }) < 1.4);
  CHECK(chi_squared([](Vec2 u) {
          const Vec2 b = warp_triangle(u);  // P(b.x < x) = 1 - (1 - x)^2, and b.y / (1 - b.x) is uniform
          return Vec2{1.0f - square(1.0f - b.x), b.y / (1.0f - b.x)};
        }) < 1.4);
}

TEST_CASE("densities integrate to one", "[sample]") {
  CHECK(integrate_over_sphere([](Vec3 d) { return cosine_hemisphere_pdf(d.z); }) == Approx(1).epsilon(1e-5));
  CHECK(integrate_over_sphere([](Vec3) { return kInv4Pi; }) == Approx(1).epsilon(1e-5));
  for (const float cos_edge : {-1.0f, 0.0f, 0.5f})
    CHECK(integrate_over_sphere([&](Vec3 d) { return d.z > cos_edge ? cone_pdf(cos_edge) : 0.0f; }) ==
          Approx(1).epsilon(1e-3));
}

TEST_CASE("the share of small cells matches the density", "[sample]") {
  // area of the square that lands in a cap, against the integral of the cosine density over it: 1 - cos^2
  u32 inside = 0;
  constexpr u32 kSide = 512;
  for (u32 y = 0; y < kSide; ++y)
    for (u32 x = 0; x < kSide; ++x) {
      const Vec2 u = {(static_cast<float>(x) + 0.5f) / kSide, (static_cast<float>(y) + 0.5f) / kSide};
      inside += warp_cosine_hemisphere(u).z > 0.9f ? 1 : 0;
    }
  CHECK(inside / double{kSide * kSide} == Approx(1 - 0.9 * 0.9).epsilon(0.01));
}

TEST_CASE("warped points lie where they should, for extreme numbers too", "[sample]") {
  for (const Vec2 u : extreme_points()) {
    INFO(u.x << ", " << u.y);
    const DiskPoint disk = warp_disk(u);
    CHECK(disk.radius < 1.0f);
    CHECK(disk.x * disk.x + disk.y * disk.y == Approx(disk.radius * disk.radius).epsilon(1e-6));
    const Vec3 hemisphere = warp_cosine_hemisphere(u);
    CHECK(is_unit(hemisphere));
    CHECK(hemisphere.z > 0.0f);
    CHECK(cosine_hemisphere_pdf(hemisphere.z) > 0.0f);
    CHECK(is_unit(warp_sphere(u)));
    for (const float cos_edge : {-1.0f, 0.0f, 0.99999f, 1.0f - 0x1p-24f}) {
      const Vec3 direction = warp_cone(u, cos_edge);
      CHECK(is_unit(direction));
      CHECK(direction.z >= cos_edge);
    }
    const Vec2 weights = warp_triangle(u);
    CHECK(weights.x >= 0.0f);
    CHECK(weights.y >= 0.0f);
    CHECK(weights.x + weights.y <= 1.0f);
  }
}

TEST_CASE("warps keep neighbours together", "[sample]") {
  // Bounds from the maps' derivatives, with room for rounding; a tear would stretch one step of 1/256 by up
  // to 256.
  CHECK(largest_stretch(
            [](Vec2 u) {
              const DiskPoint p = warp_disk(u);
              return Vec3{p.x, p.y, 0};
            },
            false) < 2.6);
  CHECK(largest_stretch([](Vec2 u) { return warp_sphere(u); }, true) < 32);  // 1 / r at the poles
  CHECK(largest_stretch([](Vec2 u) { return warp_cone(u, 0.5f); }, true) < 16);
  CHECK(largest_stretch(
            [](Vec2 u) {
              const Vec2 b = warp_triangle(u);
              return Vec3{b.x, b.y, 0};
            },
            false) < 1.2);
}

TEST_CASE("the angle from the axis grows with the first number", "[sample]") {
  float last_cone = 2.0f, last_sphere = 2.0f;
  for (u32 i = 0; i < 1000; ++i) {
    const Vec2 u = {static_cast<float>(i) * 0.001f, 0.3f};
    const float cone = warp_cone(u, 0.25f).z, sphere = warp_sphere(u).z;
    REQUIRE(cone < last_cone);
    REQUIRE(sphere < last_sphere);
    last_cone = cone;
    last_sphere = sphere;
  }
}

}  // namespace oct
