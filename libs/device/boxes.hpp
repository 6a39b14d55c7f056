#pragma once
#include <algorithm>
#include <cstdint>

#include "geometry/simd.hpp"
#include "math/scalar.hpp"

// Boxes in registers, for what builds trees. Structs that hold a box are two aligned groups of four words: the
// lower corner and a number, the upper corner and a number.

namespace oct {

/// A box in two registers; the fourth lanes hold whatever is there.
struct Box {
  Float4 lo = broadcast4(kInfinity);
  Float4 hi = broadcast4(-kInfinity);

  void add(Float4 other_lo, Float4 other_hi) {
    lo = min(other_lo, lo);
    hi = max(other_hi, hi);
  }
  void add(const Box& other) { add(other.lo, other.hi); }
};

template <class Boxed>
Box box_of(const Boxed& boxed) {
  return {load4(&boxed.lo.x), load4(&boxed.hi.x)};
}

/// Twice the centre.
template <class Boxed>
Float4 centre_of(const Boxed& boxed) {
  return without_last(load4(&boxed.lo.x)) + without_last(load4(&boxed.hi.x));
}

inline Vec3 to_vec3(Float4 a) {
  alignas(16) float lanes[4];
  store(lanes, a);
  return {lanes[0], lanes[1], lanes[2]};
}

inline Bounds3 to_bounds(const Box& box) {
  return {to_vec3(box.lo), to_vec3(box.hi)};
}

/// 0 for a box that holds nothing.
inline float half_area(const Box& box) {
  const Vec3 size = to_vec3(box.hi - box.lo);
  return size.x < 0.0f ? 0.0f : size.x * size.y + size.y * size.z + size.z * size.x;
}

/// What turns distances from the lower corner into cells, of which there are `count` an axis; 0 on an axis
/// without extent, and in the last lane.
inline Float4 cells_per_unit(const Box& box, float count) {
  const Vec3 extent = to_vec3(box.hi - box.lo);
  const auto scale_of = [&](float x) {
    const float s = count * 0.9999f / x;
    return x > 0.0f && is_finite(s) ? s : 0.0f;
  };
  alignas(16) const float lanes[4] = {scale_of(extent.x), scale_of(extent.y), scale_of(extent.z), 0.0f};
  return load4(lanes);
}

/// Whole numbers below, at most `last`. `position` is not negative, nor more than 2^30.
inline void cells_of(Float4 position, std::uint32_t last, std::uint32_t cells[4]) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(cells), _mm_cvttps_epi32(position.v));
  for (std::uint32_t axis = 0; axis < 3; ++axis) cells[axis] = std::min(cells[axis], last);
}

}  // namespace oct
