#pragma once
#include "math/transcendental.hpp"

// Fixed arithmetic whose bits tell whether a device keeps the contract (docs/determinism.md): denormals, separate
// rounding of products and sums, division, root, conversions, and our own functions.

namespace oct {

inline constexpr u32 kCanaryInputs = 256;
inline constexpr u32 kCanaryFunctions = 26;

}  // namespace oct

namespace oct::inline OCT_ISA {

/// All that is not a number is one.
OCT_HD u32 canary_bits(float x) {
  return x == x ? bits_of(x) : 0x7fc00000u;
}
OCT_HD u32 canary_bits(double x) {
  if (!(x == x)) return 0x7ff80000u;
  const u64 bits = bits_of(x);
  return static_cast<u32>(bits) ^ static_cast<u32>(bits >> 32) * 0x9e3779b1u;
}

/// Computes all functions of one of the inputs and two others. Inputs come from memory, so that no compiler
/// computes with them.
struct CanaryMaths {
  const u32* inputs;  ///< kCanaryInputs bit patterns of floats
  u32* results;       ///< kCanaryInputs x kCanaryFunctions

  OCT_HD void operator()(u32 index) const {
    const u32 bits = inputs[index];
    const float a = float_from_bits(bits);
    const float b = float_from_bits(inputs[(7 * index + 1) % kCanaryInputs]);
    const float c = float_from_bits(inputs[(13 * index + 5) % kCanaryInputs]);
    const double wide = static_cast<double>(a) * static_cast<double>(b);
    u32* out = results + u64{index} * kCanaryFunctions;
    *out++ = canary_bits(a + b);
    *out++ = canary_bits(a - b);
    *out++ = canary_bits(a * b);
    *out++ = canary_bits(a / b);
    *out++ = canary_bits(a * b + c);
    *out++ = canary_bits(a * a - b * b);
    *out++ = canary_bits(fma(a, b, c));
    *out++ = canary_bits(sqrt(a));
    *out++ = canary_bits(rcp(a));
    *out++ = canary_bits(rsqrt(a));
    *out++ = canary_bits(sin(a));
    *out++ = canary_bits(cos(a));
    *out++ = canary_bits(exp(a));
    *out++ = canary_bits(exp2(a));
    *out++ = canary_bits(log(a));
    *out++ = canary_bits(pow(abs(a), b));
    *out++ = canary_bits(atan2(a, b));
    *out++ = canary_bits(acos(a));
    *out++ = canary_bits(floor(a));
    *out++ = canary_bits(min(a, b));
    *out++ = canary_bits(max(a, b));
    *out++ = static_cast<u32>(to_i32(a));
    *out++ = to_u32(a);
    *out++ = canary_bits(static_cast<float>(static_cast<i32>(bits)));
    *out++ = canary_bits(wide + static_cast<double>(c));
    *out++ = canary_bits(static_cast<float>(wide));
  }
};

}  // namespace oct::inline OCT_ISA
