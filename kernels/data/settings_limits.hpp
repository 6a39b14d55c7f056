#pragma once
#include "data/types.hpp"

// What RenderSettings may hold: the one place of these numbers, for the check of settings and for the
// validation of render data that came over the network.

namespace oct {

inline constexpr u32 kMaxFilmSide = 65536;
inline constexpr u32 kMaxBounces = 1024;
inline constexpr i32 kMinQuantumLog2 = -40, kMaxQuantumLog2 = 0;
/// Sums of a pixel stay below 2^62, so that adding two possible ones never overflows.
inline constexpr u32 kFilmSumBits = 62;

}  // namespace oct
