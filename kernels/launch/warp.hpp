#pragma once
#include "launch/atomics.hpp"

// What the threads of a warp, 32 lanes that run in step, do together. On the host a warp is one lane: code written
// for warps then is a plain loop, which tests run.

namespace oct::inline OCT_ISA {

OCT_HD u32 count_bits(u32 bits) {
#if defined(__CUDA_ARCH__)
  return static_cast<u32>(__popc(static_cast<int>(bits)));
#else
  return static_cast<u32>(__builtin_popcount(bits));
#endif
}

/// One bit a lane. All lanes must be here together.
OCT_HD u32 warp_ballot(bool value) {
#if defined(__CUDA_ARCH__)
  return __ballot_sync(0xffffffffu, value);
#else
  return value ? 1u : 0u;
#endif
}

OCT_HD constexpr u32 warp_lanes() {
#if defined(__CUDA_ARCH__)
  return 32;
#else
  return 1;
#endif
}

/// All lanes.
OCT_HD constexpr u32 warp_mask() {
  return 0xffffffffu >> (32 - warp_lanes());
}

/// Of the lanes in the mask, how many come before this one.
OCT_HD u32 lanes_before(u32 mask) {
#if defined(__CUDA_ARCH__)
  u32 before;
  asm("mov.u32 %0, %%lanemask_lt;" : "=r"(before));
  return count_bits(mask & before);
#else
  static_cast<void>(mask);
  return 0;
#endif
}

/// Adds once for all lanes, which must be here together, and tells them the former value.
OCT_HD u32 warp_fetch_add(u32* counter, u32 value) {
#if defined(__CUDA_ARCH__)
  u32 former = 0;
  if (lanes_before(0xffffffffu) == 0) former = atomic_add(counter, value);
  return __shfl_sync(0xffffffffu, former, 0);
#else
  return atomic_add(counter, value);
#endif
}

/// Adds one for each lane that is here and tells each a value of its own, those between the former and the new one:
/// one addition to a counter that all threads share, where each would have to wait for all others.
OCT_HD u32 warp_append(u32* counter) {
#if defined(__CUDA_ARCH__)
  const u32 here = __activemask();
  const u32 before = lanes_before(here);
  u32 first = 0;
  if (before == 0) first = atomic_add(counter, count_bits(here));
  const u32 lowest = count_bits(~here & (here - 1));
  return __shfl_sync(here, first, static_cast<int>(lowest)) + before;
#else
  return atomic_add(counter, 1u);
#endif
}

}  // namespace oct::inline OCT_ISA
