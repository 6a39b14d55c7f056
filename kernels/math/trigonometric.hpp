#pragma once
#include "math/exponential.hpp"

// sin, cos, sincos, tan, asin, acos, atan2. Coefficients: minimax fits printed by scripts/fit_polynomials.py.

namespace oct::inline OCT_ISA {

/// x = quadrant * pi/2 + rest, |rest| <= pi/4 (a little more where rounding says so); quadrant modulo 4.
struct QuarterTurns {
  float rest;
  u32 quadrant;
};

/// For finite |x| >= 2^17: the product with 2/pi, modulo 4, in 64 bits of which 62 are fraction.
/// (Payne and Hanek 1983).
OCT_HD QuarterTurns reduce_large_angle(float x) {
  // bits of 2/pi after the point, behind one word of zeros
  constexpr u32 kTwoOverPi[8] = {0x00000000u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u,
                                 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu};
  const u32 bits = bits_of(x);
  const u32 mantissa = (bits & 0x007fffffu) | 0x00800000u;
  const u32 exponent =
      (bits >> 23 & 0xffu) - 150u;  // |x| = mantissa * 2^exponent, exponent (signed) in [-6, 104]
  // The window of 96 bits of 2/pi starts with the bit that multiplies to weight 2: what stands before it is a
  // multiple of 4, what follows is below 2^-70.
  const u32 first_bit = exponent + 30u;  // counted in the table with its leading zeros
  const u32 word = first_bit >> 5, shift = first_bit & 31u;
  const u64 a = kTwoOverPi[word], b = kTwoOverPi[word + 1], c = kTwoOverPi[word + 2];
  const u64 d = kTwoOverPi[word + 3];
  const u32 w0 = static_cast<u32>(((a << 32 | b) << shift) >> 32);
  const u32 w1 = static_cast<u32>(((b << 32 | c) << shift) >> 32);
  const u32 w2 = static_cast<u32>(((c << 32 | d) << shift) >> 32);
  const u64 turns = (static_cast<u64>(mantissa * w0) << 32) + static_cast<u64>(mantissa) * w1 +
                    (static_cast<u64>(mantissa) * w2 >> 32);
  const u32 quadrant = static_cast<u32>((turns + (u64{1} << 61)) >> 62);
  const i64 fraction = static_cast<i64>(turns - (static_cast<u64>(quadrant) << 62));
  // pi/2 * 2^-62; in double, since the fraction may begin with many zeros and the result is rounded once
  const float rest = static_cast<float>(static_cast<double>(fraction) * 0x1.921fb54442d18p-62);
  return x < 0.0f ? QuarterTurns{-rest, 0u - quadrant} : QuarterTurns{rest, quadrant};
}

/// NaN for infinite and NaN.
OCT_HD QuarterTurns reduce_angle(float x) {
  if (!(abs(x) < 131072.0f)) return is_finite(x) ? reduce_large_angle(x) : QuarterTurns{kNaN, 0};
  const float turns = round_small(x * 0.636619747f);
  // pi/2 in three parts (Cody and Waite 1980): the first step is exact, the second rounds the result, the
  // third matters only close to multiples of pi/2
  float rest = fma(turns, -0x1.921fb4p+0f, x);
  rest = fma(turns, -0x1.4442dp-24f, rest);
  rest = fma(turns, -0x1.846988p-48f, rest);
  return {rest, static_cast<u32>(static_cast<i32>(turns))};
}

/// sin(r) for |r| <= pi/4. Keeps the sign of zero.
OCT_HD float sin_reduced(float r) {
  const float s = r * r;
  float p = 0x1.7c2c4ep-19f;
  p = fma(p, s, -0x1.a05954p-13f);
  p = fma(p, s, 0x1.111174p-7f);
  p = fma(p, s, -0x1.555556p-3f);
  return abs(r) < 0x1p-12f ? r : fma(r * s, p, r);
}

/// cos(r) for |r| <= pi/4.
OCT_HD float cos_reduced(float r) {
  const float s = r * r;
  float p = 0x1.99e80cp-16f;
  p = fma(p, s, -0x1.6c0c28p-10f);
  p = fma(p, s, 0x1.55554ap-5f);
  return fma(s, fma(s, p, -0.5f), 1.0f);
}

struct SinCos {
  float sin, cos;
};

/// Sine and cosine of x radians for one reduction; the same bits as sin(x) and cos(x).
OCT_HD SinCos sincos(float x) {
  const QuarterTurns angle = reduce_angle(x);
  const float s = sin_reduced(angle.rest);
  const float c = cos_reduced(angle.rest);
  const bool odd = (angle.quadrant & 1u) != 0;
  const float sin_magnitude = odd ? c : s;
  const float cos_magnitude = odd ? s : c;
  return {(angle.quadrant & 2u) != 0 ? -sin_magnitude : sin_magnitude,
          ((angle.quadrant + 1u) & 2u) != 0 ? -cos_magnitude : cos_magnitude};
}

/// Sine of x radians, in [-1, 1].
OCT_HD float sin(float x) {
  const QuarterTurns angle = reduce_angle(x);
  const float magnitude = (angle.quadrant & 1u) != 0 ? cos_reduced(angle.rest) : sin_reduced(angle.rest);
  return (angle.quadrant & 2u) != 0 ? -magnitude : magnitude;
}

/// Cosine of x radians, in [-1, 1].
OCT_HD float cos(float x) {
  const QuarterTurns angle = reduce_angle(x);
  const float magnitude = (angle.quadrant & 1u) != 0 ? sin_reduced(angle.rest) : cos_reduced(angle.rest);
  return ((angle.quadrant + 1u) & 2u) != 0 ? -magnitude : magnitude;
}

/// Tangent of x radians.
OCT_HD float tan(float x) {
  const QuarterTurns angle = reduce_angle(x);
  const float s = sin_reduced(angle.rest);
  const float c = cos_reduced(angle.rest);
  return (angle.quadrant & 1u) != 0 ? -c / s : s / c;
}

/// atan(t) for t in [0, 1].
OCT_HD float atan_of_ratio(float t) {
  const float s = t * t;
  float p = -0x1.d3461cp-10f;
  p = fma(p, s, 0x1.641cbap-7f);
  p = fma(p, s, -0x1.fd7900p-6f);
  p = fma(p, s, 0x1.da2886p-5f);
  p = fma(p, s, -0x1.5808e4p-4f);
  p = fma(p, s, 0x1.c08c48p-4f);
  p = fma(p, s, -0x1.242086p-3f);
  p = fma(p, s, 0x1.9991e4p-3f);
  p = fma(p, s, -0x1.55553ep-2f);
  return fma(t * s, p, t);
}

/// The angle of the point (x, y) in [-pi, pi], as in C: atan2(y, x).
OCT_HD float atan2(float y, float x) {
  if (x != x || y != y) return kNaN;
  const float width = abs(x), height = abs(y);
  const float larger = max(width, height), smaller = min(width, height);
  const float ratio = larger == 0.0f ? 0.0f : smaller == larger ? 1.0f : smaller / larger;
  float angle = atan_of_ratio(ratio);
  if (height > width) angle = (0x1.921fb6p+0f - angle) + -0x1.777a5cp-25f;
  if ((bits_of(x) & 0x80000000u) != 0) angle = (0x1.921fb6p+1f - angle) + -0x1.777a5cp-24f;
  return copysign(angle, y);
}

/// asin(x) for |x| <= 1/2. Keeps the sign of zero.
OCT_HD float asin_small(float x) {
  const float s = x * x;
  float p = 0x1.595c5cp-5f;
  p = fma(p, s, 0x1.8c3e52p-6f);
  p = fma(p, s, 0x1.747bb8p-5f);
  p = fma(p, s, 0x1.330204p-4f);
  p = fma(p, s, 0x1.5555c8p-3f);
  return fma(x * s, p, x);
}

/// Angle in [-pi/2, pi/2] with this sine; NaN for |x| > 1.
OCT_HD float asin(float x) {
  const float magnitude = abs(x);
  if (magnitude <= 0.5f) return asin_small(x);
  const float half_complement = asin_small(sqrt(fma(-0.5f, magnitude, 0.5f)));  // 1 - |x| is exact here
  return copysign(fma(-2.0f, half_complement, 0x1.921fb6p+0f) + -0x1.777a5cp-25f, x);
}

/// Angle in [0, pi] with this cosine; NaN for |x| > 1.
OCT_HD float acos(float x) {
  if (abs(x) <= 0.5f) return (0x1.921fb6p+0f - asin_small(x)) + -0x1.777a5cp-25f;
  const float half_angle = asin_small(sqrt(fma(-0.5f, abs(x), 0.5f)));
  return x > 0.0f ? 2.0f * half_angle : fma(-2.0f, half_angle, 0x1.921fb6p+1f) + -0x1.777a5cp-24f;
}

}  // namespace oct::inline OCT_ISA
