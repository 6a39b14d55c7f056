#pragma once
#include <cstdint>

#include "geometry/simd.hpp"
#include "math/scalar.hpp"
#include "math/vec.hpp"

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

inline Box merged(Box a, const Box& b) {
  a.add(b);
  return a;
}

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

/// For a box that holds something.
inline float half_area(const Box& box) {
  const __m128 xyz = (box.hi - box.lo).v;
  const __m128 products = _mm_mul_ps(xyz, _mm_shuffle_ps(xyz, xyz, _MM_SHUFFLE(3, 0, 2, 1)));
  const __m128 sum = _mm_add_ss(products, _mm_shuffle_ps(products, products, 1));
  return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehl_ps(products, products)));
}

inline float half_area(const Bounds3& box) {
  const Vec3 size = box.hi - box.lo;
  return size.x * size.y + size.y * size.z + size.z * size.x;
}

/// What turns distances from the lower corner into cells, of which there are `count` an axis, so much below that
/// rounding reaches none beyond; 0 on an axis without extent, and in the last lane.
inline Float4 cells_per_unit(const Box& box, float count) {
  const Vec3 extent = to_vec3(box.hi - box.lo);
  const auto scale_of = [&](float x) {
    const float s = count * 0.9999f / x;
    return x > 0.0f && is_finite(s) ? s : 0.0f;
  };
  alignas(16) const float lanes[4] = {scale_of(extent.x), scale_of(extent.y), scale_of(extent.z), 0.0f};
  return load4(lanes);
}

/// Whole numbers below. `position` is not negative, nor more than 2^30.
inline void cells_of(Float4 position, std::uint32_t cells[4]) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(cells), _mm_cvttps_epi32(position.v));
}

}  // namespace oct
