#pragma once
#include "math/scalar.hpp"

// Both are *defined* as correctly rounded, so each target may compute them in its own fastest way: a division
// on CPUs, seed and Newton steps (inside the intrinsics) on GPUs. docs/decisions/0005-deterministic-math.md
// says why.

namespace oct::inline OCT_ISA {

/// 1 / x, correctly rounded; rcp(+-0) = +-inf, rcp(+-inf) = +-0.
OCT_HD float rcp(float x) {
#if defined(__CUDA_ARCH__)
  return __frcp_rn(x);
#else
  return 1.0f / x;
#endif
}

/// 1 / sqrt(x), correctly rounded; rsqrt(+-0) = +-inf, rsqrt(inf) = 0, NaN below zero.
OCT_HD float rsqrt(float x) {
#if defined(__CUDA_ARCH__)
  return __frsqrt_rn(x);
#else
  // No float lies so close to a rounding boundary that the two roundings in double could cross it: tested for
  // every mantissa and both parities of the exponent.
  return static_cast<float>(1.0 / __builtin_sqrt(static_cast<double>(x)));
#endif
}

}  // namespace oct::inline OCT_ISA
