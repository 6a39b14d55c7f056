#pragma once
#include "data/types.hpp"

// Arithmetic with the same bits on every compiler and device: only operations that IEEE 754 fixes.

namespace oct::inline OCT_ISA {

/// Reinterprets the 32 bits.
OCT_HD_INLINE u32 bits_of(float x) {
  return __builtin_bit_cast(u32, x);
}
OCT_HD_INLINE float float_from_bits(u32 bits) {
  return __builtin_bit_cast(float, bits);
}
OCT_HD_INLINE u64 bits_of(double x) {
  return __builtin_bit_cast(u64, x);
}
OCT_HD_INLINE double double_from_bits(u64 bits) {
  return __builtin_bit_cast(double, bits);
}

inline constexpr float kPi = 3.14159265358979323846f;
inline constexpr float kInvPi = 0.31830988618379067154f;
inline constexpr float kInfinity = __builtin_huge_valf();
inline constexpr float kLargestFloat = 3.402823466e38f;
/// Unit roundoff of float, 2^-24.
inline constexpr float kRoundoff = 5.9604644775390625e-08f;

// Spelled out, since std::min and CUDA's fminf treat NaN and -0 differently.
// A NaN in `a` gives b; a NaN in `b` gives b.
OCT_HD_INLINE float min(float a, float b) {
  return a < b ? a : b;
}
OCT_HD_INLINE float max(float a, float b) {
  return a > b ? a : b;
}
OCT_HD_INLINE u32 min(u32 a, u32 b) {
  return a < b ? a : b;
}
OCT_HD_INLINE u32 max(u32 a, u32 b) {
  return a > b ? a : b;
}
OCT_HD_INLINE i32 min(i32 a, i32 b) {
  return a < b ? a : b;
}
OCT_HD_INLINE i32 max(i32 a, i32 b) {
  return a > b ? a : b;
}
/// A NaN gives lo.
OCT_HD_INLINE float clamp(float x, float lo, float hi) {
  return min(max(x, lo), hi);
}
OCT_HD_INLINE float saturate(float x) {
  return clamp(x, 0.0f, 1.0f);
}

OCT_HD_INLINE float abs(float x) {
  return float_from_bits(bits_of(x) & 0x7fffffffu);
}
OCT_HD_INLINE float copysign(float magnitude, float sign) {
  return float_from_bits((bits_of(magnitude) & 0x7fffffffu) | (bits_of(sign) & 0x80000000u));
}
/// Neither infinite nor NaN.
OCT_HD_INLINE bool is_finite(float x) {
  return (bits_of(x) & 0x7f800000u) != 0x7f800000u;
}

OCT_HD_INLINE float lerp(float a, float b, float t) {
  return a + (b - a) * t;
}
OCT_HD_INLINE float square(float x) {
  return x * x;
}

/// Correctly rounded square root; NaN below zero.
OCT_HD_INLINE float sqrt(float x) {
#if defined(__CUDA_ARCH__)
  return __fsqrt_rn(x);
#else
  return __builtin_sqrtf(x);
#endif
}
/// Zero for x <= 0 and NaN.
OCT_HD_INLINE float safe_sqrt(float x) {
  return x > 0.0f ? sqrt(x) : 0.0f;
}

/// a * b + c by double arithmetic, rounded once: the sum is rounded to odd in double, which has more than two
/// digits to spare, so that the rounding to float is right (Boldo and Melquiond 2008). For builds without FMA
/// hardware.
OCT_HD_INLINE float fma_by_odd_rounding(float a, float b, float c) {
  const double product = static_cast<double>(a) * static_cast<double>(b);  // exact: 48 bits
  const double addend = static_cast<double>(c);
  const double sum = product + addend;
  // Knuth's two-sum: the exact error of the sum
  const double b_virtual = sum - product;
  const double error = (product - (sum - b_virtual)) + (addend - b_virtual);
  u64 bits = bits_of(sum);
  const bool finite = (bits & 0x7ff0000000000000u) != 0x7ff0000000000000u;
  if (finite && error != 0.0 && (bits & 1) == 0) bits += (error > 0.0) == (sum > 0.0) ? u64{1} : ~u64{0};
  return static_cast<float>(double_from_bits(bits));
}

/// a * b + c, rounded once. The only way to a fused multiply-add in kernel code.
OCT_HD_INLINE float fma(float a, float b, float c) {
#if defined(__CUDA_ARCH__)
  return __fmaf_rn(a, b, c);
#elif defined(__FMA__)
  return __builtin_fmaf(a, b, c);
#else
  return fma_by_odd_rounding(a, b, c);
#endif
}

/// Truncates toward zero; NaN gives 0, values out of range the nearest representable one.
OCT_HD_INLINE i32 to_i32(float x) {
  if (!(x > -2147483648.0f)) return x == x ? -2147483647 - 1 : 0;
  return x >= 2147483648.0f ? 2147483647 : static_cast<i32>(x);
}
OCT_HD_INLINE u32 to_u32(float x) {
  if (!(x > 0.0f)) return 0;
  return x >= 4294967296.0f ? 0xffffffffu : static_cast<u32>(x);
}

/// Largest integer not above x; never -0 for finite x.
OCT_HD_INLINE float floor(float x) {
  if (!(abs(x) < 8388608.0f)) return x;  // no fraction bits left, infinite or NaN
  const float truncated = static_cast<float>(static_cast<i32>(x));
  // + 0: g++ 12 turns float(int(x)) into a truncation that keeps the sign of zero, where SSE 4.1 has one
  return (truncated > x ? truncated - 1.0f : truncated) + 0.0f;
}

}  // namespace oct::inline OCT_ISA
