#include "math/scalar.hpp"
#include "math/vec.hpp"
#include "support/catch.hpp"

namespace oct {

namespace {
const float kNotANumber = __builtin_nanf("");
}

TEST_CASE("min, max and clamp say what happens to NaN", "[math]") {
  CHECK(min(1.0f, 2.0f) == 1.0f);
  CHECK(min(kNotANumber, 2.0f) == 2.0f);
  CHECK(min(2.0f, kNotANumber) != min(2.0f, kNotANumber));
  CHECK(max(kNotANumber, -2.0f) == -2.0f);
  CHECK(clamp(kNotANumber, 3.0f, 4.0f) == 3.0f);
  CHECK(saturate(-0.5f) == 0.0f);
  CHECK(saturate(1.5f) == 1.0f);
}

TEST_CASE("floats become integers by truncation, saturating", "[math]") {
  CHECK(to_i32(-1.9f) == -1);
  CHECK(to_i32(2147483520.0f) == 2147483520);
  CHECK(to_i32(2147483648.0f) == 2147483647);
  CHECK(to_i32(-2147483648.0f) == -2147483647 - 1);
  CHECK(to_i32(-1e20f) == -2147483647 - 1);
  CHECK(to_i32(kInfinity) == 2147483647);
  CHECK(to_i32(-kInfinity) == -2147483647 - 1);
  CHECK(to_i32(kNotANumber) == 0);
  CHECK(to_u32(-3.0f) == 0u);
  CHECK(to_u32(kNotANumber) == 0u);
  CHECK(to_u32(4294967040.0f) == 4294967040u);
  CHECK(to_u32(4294967296.0f) == 0xffffffffu);
  CHECK(to_u32(kInfinity) == 0xffffffffu);
}

TEST_CASE("floor is the largest integer not above", "[math]") {
  CHECK(floor(1.5f) == 1.0f);
  CHECK(floor(-1.5f) == -2.0f);
  CHECK(floor(-2.0f) == -2.0f);
  CHECK(bits_of(floor(-0.0f)) == 0);
  CHECK(floor(-0x1p-149f) == -1.0f);
  CHECK(floor(8388607.5f) == 8388607.0f);
  CHECK(floor(-8388607.5f) == -8388608.0f);
  CHECK(floor(1e30f) == 1e30f);
  CHECK(floor(-kInfinity) == -kInfinity);
}

TEST_CASE("the basis around a direction is orthonormal, at the south pole too", "[math]") {
  const Vec3 normals[] = {{0, 0, 1}, {0, 0, -1}, {1, 0, 0}, {0.6f, 0, -0.8f}, {1e-4f, 1e-4f, -1.0f}};
  for (const Vec3 n : normals) {
    const Basis basis = basis_around(n);
    CHECK(abs(dot(basis.tangent, basis.bitangent)) < 1e-6f);
    CHECK(abs(dot(basis.tangent, n)) < 1e-6f);
    CHECK(abs(length(basis.tangent) - 1.0f) < 1e-6f);
    CHECK(abs(length(basis.bitangent) - 1.0f) < 1e-6f);
    CHECK(length(cross(basis.tangent, basis.bitangent) - n) < 1e-6f);
    CHECK(length(to_local(basis, to_world(basis, Vec3{0.1f, 0.2f, 0.3f})) - Vec3{0.1f, 0.2f, 0.3f}) < 1e-6f);
  }
}

}  // namespace oct
