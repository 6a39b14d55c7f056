#pragma once
#include <immintrin.h>

#include "math/scalar.hpp"

// Four and eight floats side by side for the CPU: SSE2 in the plain build, AVX in v3. Each lane computes what
// the scalar operation would, min and max included: both pick their second operand for NaN and for zeros of
// two signs.

namespace oct::inline OCT_ISA {

struct Float4 {
  __m128 v;
};

OCT_HD Float4 broadcast4(float x) {
  return {_mm_set1_ps(x)};
}
OCT_HD Float4 load4(const float* p) {
  return {_mm_load_ps(p)};
}
OCT_HD void store(float* p, Float4 a) {
  _mm_store_ps(p, a.v);
}
OCT_HD Float4 operator+(Float4 a, Float4 b) {
  return {_mm_add_ps(a.v, b.v)};
}
OCT_HD Float4 operator-(Float4 a, Float4 b) {
  return {_mm_sub_ps(a.v, b.v)};
}
OCT_HD Float4 operator*(Float4 a, Float4 b) {
  return {_mm_mul_ps(a.v, b.v)};
}
OCT_HD Float4 operator/(Float4 a, Float4 b) {
  return {_mm_div_ps(a.v, b.v)};
}
OCT_HD Float4 abs(Float4 a) {
  return {_mm_andnot_ps(_mm_set1_ps(-0.0f), a.v)};
}
OCT_HD Float4 min(Float4 a, Float4 b) {
  return {_mm_min_ps(a.v, b.v)};
}
OCT_HD Float4 max(Float4 a, Float4 b) {
  return {_mm_max_ps(a.v, b.v)};
}
/// One bit a lane; NaN compares false.
OCT_HD u32 less_equal(Float4 a, Float4 b) {
  return static_cast<u32>(_mm_movemask_ps(_mm_cmple_ps(a.v, b.v)));
}

/// One bit a lane, set where equal.
OCT_HD u32 equal(Float4 a, Float4 b) {
  return static_cast<u32>(_mm_movemask_ps(_mm_cmpeq_ps(a.v, b.v)));
}
/// The last lane becomes zero.
OCT_HD Float4 without_last(Float4 a) {
  return {_mm_and_ps(a.v, _mm_castsi128_ps(_mm_setr_epi32(-1, -1, -1, 0)))};
}

#if defined(__AVX__)
struct Float8 {
  __m256 v;
};

OCT_HD Float8 broadcast8(float x) {
  return {_mm256_set1_ps(x)};
}
OCT_HD Float8 load8(const float* p) {
  return {_mm256_load_ps(p)};
}
OCT_HD void store(float* p, Float8 a) {
  _mm256_store_ps(p, a.v);
}
OCT_HD Float8 operator-(Float8 a, Float8 b) {
  return {_mm256_sub_ps(a.v, b.v)};
}
OCT_HD Float8 operator*(Float8 a, Float8 b) {
  return {_mm256_mul_ps(a.v, b.v)};
}
OCT_HD Float8 min(Float8 a, Float8 b) {
  return {_mm256_min_ps(a.v, b.v)};
}
OCT_HD Float8 max(Float8 a, Float8 b) {
  return {_mm256_max_ps(a.v, b.v)};
}
OCT_HD u32 less_equal(Float8 a, Float8 b) {
  return static_cast<u32>(_mm256_movemask_ps(_mm256_cmp_ps(a.v, b.v, _CMP_LE_OQ)));
}
#else
struct Float8 {
  Float4 lower, upper;
};

OCT_HD Float8 broadcast8(float x) {
  return {broadcast4(x), broadcast4(x)};
}
OCT_HD Float8 load8(const float* p) {
  return {load4(p), load4(p + 4)};
}
OCT_HD void store(float* p, Float8 a) {
  store(p, a.lower);
  store(p + 4, a.upper);
}
OCT_HD Float8 operator-(Float8 a, Float8 b) {
  return {a.lower - b.lower, a.upper - b.upper};
}
OCT_HD Float8 operator*(Float8 a, Float8 b) {
  return {a.lower * b.lower, a.upper * b.upper};
}
OCT_HD Float8 min(Float8 a, Float8 b) {
  return {min(a.lower, b.lower), min(a.upper, b.upper)};
}
OCT_HD Float8 max(Float8 a, Float8 b) {
  return {max(a.lower, b.lower), max(a.upper, b.upper)};
}
OCT_HD u32 less_equal(Float8 a, Float8 b) {
  return less_equal(a.lower, b.lower) | less_equal(a.upper, b.upper) << 4;
}
#endif

}  // namespace oct::inline OCT_ISA
