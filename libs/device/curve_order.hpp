#pragma once
#include <cstdint>

#include "base/thread_pool.hpp"
#include "device/bvh_tree.hpp"

namespace oct {

/// A primitive's number, below what its place on the curve says. 28 bits number, 36 bits place: 12 an axis.
using CurveEntry = std::uint64_t;
inline constexpr std::uint32_t kCurveIndexBits = 28;

inline std::uint32_t index_of(CurveEntry entry) {
  return static_cast<std::uint32_t>(entry & ((CurveEntry{1} << kCurveIndexBits) - 1));
}

/// The primitives in the order in which a Z curve through the box of their centres meets them; equal places in
/// the order of their numbers. At most 2^28 of them. `pool` may be null; the result is the same.
LargeArray<CurveEntry> curve_order(const LargeArray<BvhPrimitive>& primitives, ThreadPool* pool);

}  // namespace oct
