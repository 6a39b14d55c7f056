#pragma once
#include "geometry/stream_ray.hpp"

// One node step of a ray in flight, without a branch that depends on what the ray meets but for the rare fifth child:
// mispredicted branches are what walks on CPUs wait for most.

namespace oct::inline OCT_ISA {

/// For a mask of eight: the numbers of its set bits, in order. The first bit that is not set follows, again and again.
struct PackingTable {
  u8 lanes[256][kBvhWidth];
};
consteval PackingTable packing_table() {
  PackingTable table{};
  for (u32 mask = 0; mask < 256; ++mask) {
    u32 count = 0;
    u32 unset = 0;
    while ((mask >> unset & 1u) != 0) ++unset;
    for (u32 lane = 0; lane < kBvhWidth; ++lane) {
      if ((mask >> lane & 1u) != 0) table.lanes[mask][count++] = static_cast<u8>(lane);
    }
    while (count < kBvhWidth) table.lanes[mask][count++] = static_cast<u8>(unset);
  }
  return table;
}
alignas(64) inline constexpr PackingTable kPacking = packing_table();

alignas(32) inline constexpr u32 kLaneNumbers[kBvhWidth] = {0, 1, 2, 3, 4, 5, 6, 7};

/// The slab formula for eight boxes: a lane is set for each child that the ray passes within its reach. `near` is where
/// it enters them.
template <class Query>
OCT_HD_INLINE Float8 pass_children(const StreamRay<Query>& ray, const WideNode& node, Float8* near) {
  const StreamLevel& level = ray.level;
  const char* const planes = reinterpret_cast<const char*>(&node);
  const auto distance = [&](u32 offset, float origin, Float8 minus_inverse) {
    return (broadcast8(origin) - load8(reinterpret_cast<const float*>(planes + offset))) * minus_inverse;
  };
  const Float8 x = broadcast8(level.minus_inverse[0]);
  const Float8 y = broadcast8(level.minus_inverse[1]);
  const Float8 z = broadcast8(level.minus_inverse[2]);
  const Float8 near_x = distance(level.near_planes[0], level.origin_near[0], x);
  const Float8 near_y = distance(level.near_planes[1], level.origin_near[1], y);
  const Float8 near_z = distance(level.near_planes[2], level.origin_near[2], z);
  const Float8 far_x = distance(level.far_planes[0], level.origin_far[0], x);
  const Float8 far_y = distance(level.far_planes[1], level.origin_far[1], y);
  const Float8 far_z = distance(level.far_planes[2], level.origin_far[2], z);
  *near = max(max(near_x, near_y), max(near_z, broadcast8(level.lower)));
  const Float8 far = min(min(far_x, far_y), far_z) * broadcast8(kFarStretch);
  return less_equal_lanes(*near, min(far, broadcast8(ray.upper)));
}

/// Keys that order children by where the ray enters them, good enough for an order: the distance without its last
/// three bits, which hold the child's number. Never negative.
OCT_HD_INLINE Int8 order_keys(Float8 near) {
  const __m256i bits = _mm256_max_epi32(_mm256_castps_si256(near.v), _mm256_setzero_si256());
  const __m256i coarse = _mm256_andnot_si256(_mm256_set1_epi32(7), bits);
  return {_mm256_or_si256(coarse, load_int8(kLaneNumbers).v)};
}

/// Puts children given by five bits or more on the stack, the nearest on top.
template <class Query>
__attribute__((noinline)) OCT_HD void push_many(StreamRay<Query>& ray, const WideNode& node, u32 bits,
                                                Float8 near, u32 top) {
  alignas(32) float near_of[kBvhWidth];
  store(near_of, near);
  const u32 base = top;
  for (; bits != 0; bits &= bits - 1) {
    const u32 slot = static_cast<u32>(__builtin_ctz(bits));
    u32 place = top++;
    for (; place != base && ray.near[place - 1] < near_of[slot]; --place) {
      ray.near[place] = ray.near[place - 1];
      ray.refs[place] = ray.refs[place - 1];
    }
    ray.near[place] = near_of[slot];
    ray.refs[place] = node.child[slot];
  }
}

/// Puts the children whose lane is set on the stack: the nearest on top, or any where order makes no difference.
/// Entries above them are overwritten. Returns how many there are.
template <class Query>
OCT_HD_INLINE u32 push_children(StreamRay<Query>& ray, const WideNode& node, Float8 passing, Float8 near) {
  const u32 bits = sign_bits(passing);
  const u32 count = static_cast<u32>(__builtin_popcount(bits));
  const u32 top = ray.top;
  const Int8 packing = load_bytes8(kPacking.lanes[bits]);
  if constexpr (Query::kOrdered) {
    const Int4 keys = lower_half(permuted(order_keys(near) & bits_of(passing), packing));
    const Int8 order = in_lower_half(sorted_down(keys));
    store_lower_unaligned(ray.near + top, permuted(near, order));
    store_lower_unaligned(ray.refs + top, permuted(load_int8(node.child), order));
    if (__builtin_expect(count > 4, 0)) push_many(ray, node, bits, near, top);
  } else {
    store_unaligned(ray.near + top, permuted(near, packing));
    store_unaligned(ray.refs + top, permuted(load_int8(node.child), packing));
  }
  return count;
}

/// Visits the node that the ray is at and goes on to its nearest child, or to what waited before. What waited is looked
/// for in the stack as it was, since memory that was just written in other pieces would have to be waited for.
template <class Query>
OCT_HD_INLINE void visit_node(StreamRay<Query>& ray, const WideNode* nodes) {
  const WideNode& node = nodes[ray.ref];
  Float8 near;
  const Float8 passing = pass_children(ray, node, &near);
  const u32 in_reach = highest_eight_in_reach(ray, ray.top);
  const u32 count = push_children(ray, node, passing, near);
  const u32 below = ray.top - kBvhWidth;
  // a bit for each of eight that waited, then one for each of the children
  const u32 ready = in_reach + (1u << kBvhWidth << count) - (1u << kBvhWidth);
  if (__builtin_expect(ready == 0, 0)) {
    ray.top = below;
    return take_highest_in_reach(ray);
  }
  take(ray, below + 31u - static_cast<u32>(__builtin_clz(ready)));
}

}  // namespace oct::inline OCT_ISA
