#pragma once
#include <cstdint>

#include "base/thread_pool.hpp"
#include "device/bvh_tree.hpp"

namespace oct {

/// One primitive or two, below what its place on the curve says. 28 bits number the first primitive, one says that
/// the next one is there too, 35 bits are the place: 12 an axis, but 11 for z.
using CurveEntry = std::uint64_t;
inline constexpr std::uint32_t kCurveIndexBits = 28;
inline constexpr CurveEntry kCurvePair = CurveEntry{1} << kCurveIndexBits;

inline std::uint32_t index_of(CurveEntry entry) {
  return static_cast<std::uint32_t>(entry & (kCurvePair - 1));
}
inline std::uint32_t count_of(CurveEntry entry) {
  return (entry & kCurvePair) != 0 ? 2 : 1;
}

/// The primitives in the order in which a Z curve through the box of their centres meets them; equal places in
/// the order of their numbers. Triangles that follow each other and share most of their box, such as the halves
/// of a quadrilateral, are one entry: that saves a good part of the work, and they would become one leaf anyway.
/// At most 2^28 of them. `pool` may be null; the result is the same.
LargeArray<CurveEntry> curve_order(const LargeArray<BvhPrimitive>& primitives, ThreadPool* pool);

}  // namespace oct
