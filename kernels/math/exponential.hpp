#pragma once
#include "math/reciprocal.hpp"

// exp, exp2, log, log2, pow. Coefficients: minimax fits printed by scripts/fit_polynomials.py.

namespace oct::inline OCT_ISA {

inline constexpr float kNaN = __builtin_nanf("");

/// 2^k as a float, for k in [-126, 127].
OCT_HD float power_of_two(i32 k) {
  return float_from_bits(static_cast<u32>(k + 127) << 23);
}

/// x * 2^k rounded once, for x in [0.5, 2] and k in [-250, 250].
OCT_HD float scale_by_power_of_two(float x, i32 k) {
  const i32 half = k >> 1;
  return x * power_of_two(half) * power_of_two(k - half);
}

/// The integer nearest to x (ties to even), for |x| < 2^22; exact.
OCT_HD float round_small(float x) {
  const float shift = 12582912.0f;  // 1.5 * 2^23: pushes the fraction bits out
  return (x + shift) - shift;
}

/// 2^f for f in [-0.5, 0.5], before rounding within 2^-27.
OCT_HD float exp2_fraction(float f) {
  float p = 0x1.4268c6p-13f;
  p = fma(p, f, 0x1.5efd56p-10f);
  p = fma(p, f, 0x1.3b2bdep-7f);
  p = fma(p, f, 0x1.c6af90p-5f);
  p = fma(p, f, 0x1.ebfbe0p-3f);
  p = fma(p, f, 0x1.62e430p-1f);
  return fma(p, f, 1.0f);
}

/// 2^x.
OCT_HD float exp2(float x) {
  if (!(abs(x) < 151.0f)) return x > 0.0f ? kInfinity : x < 0.0f ? 0.0f : kNaN;
  const float k = round_small(x);
  return scale_by_power_of_two(exp2_fraction(x - k), static_cast<i32>(k));
}

/// e^x.
OCT_HD float exp(float x) {
  if (!(abs(x) < 105.0f)) return x > 0.0f ? kInfinity : x < 0.0f ? 0.0f : kNaN;
  const float k = round_small(x * 1.44269504f);
  // x - k ln 2 in two steps, the first exact (Cody and Waite 1980)
  const float r = fma(k, 1.90465421e-09f, fma(k, -0.693147182f, x));
  float p = 0x1.6a7d50p-10f;
  p = fma(p, r, 0x1.1238c2p-7f);
  p = fma(p, r, 0x1.55588ep-5f);
  p = fma(p, r, 0x1.555494p-3f);
  p = fma(p, r, 0x1.fffffcp-2f);
  p = fma(p * r, r, r);
  return scale_by_power_of_two(1.0f + p, static_cast<i32>(k));
}

/// x = (1 + fraction) * 2^exponent with 1 + fraction in [2/3, 4/3).
struct LogParts {
  float fraction, exponent;
};
/// For finite x > 0, denormals included.
OCT_HD LogParts split_for_log(float x) {
  float exponent = 0.0f;
  if (x < 1.17549435e-38f) {
    x *= 8388608.0f;
    exponent = -23.0f;
  }
  const i32 k = static_cast<i32>(bits_of(x) - 0x3f2aaaabu) >> 23;
  const float mantissa = float_from_bits(bits_of(x) - (static_cast<u32>(k) << 23));
  return {mantissa - 1.0f, exponent + static_cast<float>(k)};
}

/// log(x) for x that is zero, negative, infinite or NaN.
OCT_HD float log_of_special(float x) {
  return x == 0.0f ? -kInfinity : x > 0.0f ? kInfinity : kNaN;
}

/// Natural logarithm.
OCT_HD float log(float x) {
  if (!(x > 0.0f && x <= kLargestFloat)) return log_of_special(x);
  const LogParts parts = split_for_log(x);
  const float f = parts.fraction;
  float p = 0x1.ebd208p-4f;
  p = fma(p, f, -0x1.0710ccp-3f);
  p = fma(p, f, 0x1.b87ddap-4f);
  p = fma(p, f, -0x1.f38a24p-4f);
  p = fma(p, f, 0x1.24f492p-3f);
  p = fma(p, f, -0x1.559906p-3f);
  p = fma(p, f, 0x1.99977ep-3f);
  p = fma(p, f, -0x1.ffff0ep-3f);
  p = fma(p, f, 0x1.555556p-2f);
  // f - f^2/2 + f^3 p, then the exponent's share, its small part first
  const float tail = fma(parts.exponent, -1.90465421e-09f, f * f * fma(f, p, -0.5f));
  const float sum = f + tail;
  return fma(parts.exponent, 0.693147182f, sum);
}

/// Logarithm to base 2; exact for powers of two.
OCT_HD float log2(float x) {
  if (!(x > 0.0f && x <= kLargestFloat)) return log_of_special(x);
  const LogParts parts = split_for_log(x);
  const float f = parts.fraction;
  float p = 0x1.629112p-3f;
  p = fma(p, f, -0x1.8cfe30p-3f);
  p = fma(p, f, 0x1.3de5a6p-3f);
  p = fma(p, f, -0x1.640b6cp-3f);
  p = fma(p, f, 0x1.a6a03ep-3f);
  p = fma(p, f, -0x1.ed2d42p-3f);
  p = fma(p, f, 0x1.277556p-2f);
  p = fma(p, f, -0x1.71525ap-2f);
  p = fma(p, f, 0x1.ec70a0p-2f);
  p = fma(p, f, -0x1.715478p-1f);
  const float tail = f * fma(f, p, 1.92596303e-08f);
  return parts.exponent + fma(f, 1.44269502f, tail);
}

/// A number as an unevaluated sum, |lo| <= ulp(hi).
struct FloatPair {
  float hi, lo;
};

/// a * b as a pair, exactly.
OCT_HD FloatPair multiply_exactly(float a, float b) {
  const float product = a * b;
  return {product, fma(a, b, -product)};
}

/// a * b, of pairs, within about 2^-45.
OCT_HD FloatPair multiply(FloatPair a, FloatPair b) {
  const FloatPair product = multiply_exactly(a.hi, b.hi);
  return {product.hi, fma(a.hi, b.lo, fma(a.lo, b.hi, product.lo))};
}

/// a + b, for |a| >= |b| or a = 0 (Dekker's fast two-sum).
OCT_HD FloatPair add(float a, FloatPair b) {
  const float sum = a + b.hi;
  return {sum, (b.hi - (sum - a)) + b.lo};
}

/// log2(x) with a relative error of about 2^-35, for finite x > 0.
OCT_HD FloatPair log2_pair(float x) {
  const LogParts parts = split_for_log(x);
  // log(1 + f) = 2 atanh(r), r = f / (2 + f) as a pair: the quotient and what it leaves over
  const float f = parts.fraction;
  const float divisor = 2.0f + f;
  const float divisor_lo = f - (divisor - 2.0f);
  const float inverse = rcp(divisor);
  const float quotient = f * inverse;
  const FloatPair r = {quotient, fma(-quotient, divisor_lo, fma(-quotient, divisor, f)) * inverse};
  // atanh(r) = r + r^3 (1/3 + s p), s = r^2
  const FloatPair s = multiply(r, r);
  float p = 0x1.97e92ap-4f;
  p = fma(p, s.hi, 0x1.c5bfdap-4f);
  p = fma(p, s.hi, 0x1.2495p-3f);
  p = fma(p, s.hi, 0x1.999996p-3f);
  const FloatPair factor = add(0x1.555556p-2f, {s.hi * p, -0x1.555556p-27f});
  const FloatPair tail = multiply(multiply(r, s), factor);
  const FloatPair atanh = add(r.hi, {tail.hi, tail.lo + r.lo});
  const FloatPair fraction = multiply(atanh, {0x1.715476p+1f, 0x1.4ae0cp-25f});  // 2 / ln 2
  return add(parts.exponent, fraction);
}

OCT_HD bool is_integer(float y) {
  return abs(y) >= 8388608.0f || floor(y) == y;
}
OCT_HD bool is_odd_integer(float y) {
  return abs(y) < 16777216.0f && is_integer(y) && (static_cast<i32>(y) & 1) != 0;
}

/// pow where x or y is zero, infinite or NaN; C17 F.10.4.4.
OCT_HD float pow_of_special(float x, float y) {
  if (y == 0.0f || x == 1.0f) return 1.0f;
  if (x != x || y != y) return kNaN;
  const float magnitude = abs(x);
  if (abs(y) == kInfinity) {
    if (magnitude == 1.0f) return 1.0f;
    return (magnitude > 1.0f) == (y > 0.0f) ? kInfinity : 0.0f;
  }
  const float result = (magnitude == 0.0f) == (y > 0.0f) ? 0.0f : kInfinity;  // x is zero or infinite
  return is_odd_integer(y) ? copysign(result, x) : result;
}

/// x^y; NaN for negative x and fractional y.
OCT_HD float pow(float x, float y) {
  const float magnitude = abs(x);
  if (!(magnitude > 0.0f && magnitude <= kLargestFloat && abs(y) <= kLargestFloat) || y == 0.0f)
    return pow_of_special(x, y);
  if (x < 0.0f && !is_integer(y)) return kNaN;
  const FloatPair logarithm = log2_pair(magnitude);
  float exponent = logarithm.hi * y;
  float exponent_lo = fma(logarithm.lo, y, fma(logarithm.hi, y, -exponent));
  if (!(abs(exponent) < 160.0f)) {  // far beyond the range of float, perhaps infinite
    exponent = copysign(160.0f, exponent);
    exponent_lo = 0.0f;
  }
  const float k = round_small(exponent);
  const float fraction = (exponent - k) + exponent_lo;
  const float result = scale_by_power_of_two(exp2_fraction(fraction), static_cast<i32>(k));
  return x < 0.0f && is_odd_integer(y) ? -result : result;
}

}  // namespace oct::inline OCT_ISA
