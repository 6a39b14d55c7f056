#pragma once
#include "data/types.hpp"

// Integer atomics for kernels that many threads run at once. Only integers: additions of floats would depend
// on order.

namespace oct::inline OCT_ISA {

/// Adds and returns the former value.
OCT_HD u32 atomic_add(u32* target, u32 value) {
#if defined(__CUDA_ARCH__)
  return atomicAdd(target, value);
#else
  return __atomic_fetch_add(target, value, __ATOMIC_RELAXED);
#endif
}

/// Likewise.
OCT_HD u64 atomic_add(u64* target, u64 value) {
#if defined(__CUDA_ARCH__)
  return atomicAdd(reinterpret_cast<unsigned long long*>(target), static_cast<unsigned long long>(value));
#else
  return __atomic_fetch_add(target, value, __ATOMIC_RELAXED);
#endif
}

/// Two's complement: the same bits as an unsigned addition.
OCT_HD void atomic_add(i64* target, i64 value) {
  atomic_add(reinterpret_cast<u64*>(target), static_cast<u64>(value));
}

}  // namespace oct::inline OCT_ISA
