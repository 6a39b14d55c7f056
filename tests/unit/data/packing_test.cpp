#include "data/packing.hpp"

#include <cmath>
#include <random>

#include "support/catch.hpp"

using namespace oct;

namespace {

double angle_between(Vec3 a, Vec3 b) {
  const double ax = a.x, ay = a.y, az = a.z, bx = b.x, by = b.y, bz = b.z;
  const double cx = ay * bz - az * by, cy = az * bx - ax * bz, cz = ax * by - ay * bx;
  return std::atan2(std::sqrt(cx * cx + cy * cy + cz * cz), ax * bx + ay * by + az * bz);
}

}  // namespace

TEST_CASE("a packed normal is within 5e-5 rad of the original", "[data]") {
  std::mt19937 random(20240607);
  std::normal_distribution<float> gaussian;
  for (int i = 0; i < 100000; ++i) {
    Vec3 n{gaussian(random), gaussian(random), gaussian(random)};
    if (i % 7 == 0) n.z *= 1e-4f;  // around the fold
    const Vec3 unpacked = unpack_normal(pack_normal(n));
    REQUIRE(angle_between(n, unpacked) < 5e-5);
    REQUIRE(std::abs(length(unpacked) - 1.0f) < 2e-7f);
  }
}

TEST_CASE("normals along the axes survive packing exactly", "[data]") {
  for (const Vec3 n :
       {Vec3{1, 0, 0}, Vec3{-1, 0, 0}, Vec3{0, 1, 0}, Vec3{0, -1, 0}, Vec3{0, 0, 1}, Vec3{0, 0, -1}}) {
    const Vec3 unpacked = unpack_normal(pack_normal(n * 3.0f));
    CHECK(unpacked.x == n.x);
    CHECK(unpacked.y == n.y);
    CHECK(unpacked.z == n.z);
  }
}

TEST_CASE("every word unpacks to a unit vector, and packing what was unpacked gives it back", "[data]") {
  std::mt19937 random(7);
  for (int i = 0; i < 100000; ++i) {
    const u32 word = static_cast<u32>(random());
    const Vec3 n = unpack_normal(word);
    REQUIRE(std::abs(length(n) - 1.0f) < 2e-7f);
    const Vec3 again = unpack_normal(pack_normal(n));
    REQUIRE(length(again - n) < 2e-7f);
  }
  for (const u32 word : {0u, 0xffffffffu, 0xffff0000u, 0x0000ffffu, 0x7fff7fffu}) {
    CHECK(std::abs(length(unpack_normal(word)) - 1.0f) < 2e-7f);
  }
}
