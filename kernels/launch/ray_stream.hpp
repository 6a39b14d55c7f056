#pragma once
#include "geometry/walk_compact.hpp"
#include "launch/warp.hpp"

// How a warp traces a queue of rays (after Aila and Laine 2009, "Understanding the Efficiency of Ray Traversal on
// GPUs"). Warps stay until the queue is empty and each lane takes a new ray when its own has ended, so that the
// longest of 32 rays keeps nobody waiting; and at each step the lanes of a warp do what most of them want, a node or a
// leaf, while the others wait for their turn. Neither changes what a ray finds.

namespace oct::inline OCT_ISA {

/// Lanes fetch new rays when fewer of the warp than so many have any, 26 of 32: to fetch is dear, to idle as well.
OCT_HD constexpr u32 refill_below() {
  return (warp_lanes() * 13 + 15) / 16;
}

/// Asks for the least hit of one ray. What else the ray wants of a hit is read when there is one: kept at hand, it
/// would fill registers that more warps could use.
template <class Work>
struct StreamedClosest {
  static constexpr bool kOrdered = true;
  const Work* work;
  u32 index;
  Hit best;

  OCT_HD float limit() const { return best.t; }
  OCT_HD bool report(const Hit& hit) {
    const HitKey key{hit.t, hit.instance, hit.primitive};
    if (comes_before(key, {best.t, best.instance, best.primitive}) && work->accepts(index, key)) best = hit;
    return false;
  }
};

/// Asks which channels are blocked on the way of one ray.
template <class Work>
struct StreamedOcclusion {
  static constexpr bool kOrdered = false;
  const Work* work;
  u32 index;
  u32 blocked;

  OCT_HD float limit() const { return work->limit(index); }
  OCT_HD bool report(const Hit& hit) {
    if (work->accepts(index, {hit.t, hit.instance, hit.primitive})) blocked |= work->blocked(index, hit);
    return (blocked & 7u) == 7u;
  }
};

template <class Work>
OCT_HD void start_query(StreamedClosest<Work>& query, const Work& work, u32 index, const Ray& ray) {
  query = {&work, index, closest_query(ray).best};
}
template <class Work>
OCT_HD void start_query(StreamedOcclusion<Work>& query, const Work& work, u32 index, const Ray&) {
  query = {&work, index, 0};
}

/// Gives the idle lanes rays that nobody has fetched. False when none is left.
template <class Walk, class Stack, class Work>
OCT_HD bool refill(Walk& walk, const Stack& stack, const Work& work, u32 count, u32* next, u32 idle) {
  const u32 first = warp_fetch_add(next, count_bits(idle));
  if (is_done(walk)) {
    const u32 mine = first + lanes_before(idle);
    walk.query.index = mine < count ? mine : kNone;
    if (mine < count) {
      const Ray ray = work.ray(mine);
      start_query(walk.query, work, mine, ray);
      start_walk(walk, stack, work.bvh(), ray);
    }
  }
  return first < count && count - first > count_bits(idle);
}

/// Traces rays 0 to count - 1, each by one of the lanes that run this together with the same arguments, in any
/// number of warps.
///   work  is a class with
///           kInstances                         whether there may be any
///           using Query                        StreamedClosest or StreamedOcclusion of it
///           const SceneBvh& bvh()
///           Ray ray(u32 index)                 asked for again and again; but for what accepts() asks
///           bool accepts(u32 index, HitKey)    counts() of the ray
///           float limit(u32 index)             t_max of the ray, for StreamedOcclusion
///           u32 blocked(u32 index, Hit)        channels that a surface blocks, likewise
///           void finish(const Query&)
///   next  the first ray that nobody has fetched: 0 at first
///   nearby  this thread's entries of CompactStack; null where there are none
template <u32 kWidth = kCompactWidth, u32 kNearby = kNearbyEntries, class Work>
OCT_HD void trace_stream(const Work& work, u32 count, u32* next,
                         typename StackOf<typename Work::Query>::Entry* nearby) {
  using Stack = StackOf<typename Work::Query, kNearby>;
  CompactWalk<kWidth, Work::kInstances, typename Work::Query> walk;
  typename Stack::Entry entries[kCompactStackSize];
  const Stack stack{entries, nearby};
  // nowhere, which is a place in the world: kernels without instances then know that all lanes are there
  walk.level = {{}, {-kInfinity, kInfinity}, kNone};
  walk.next = kCompactDone;
  walk.query.index = kNone;
  bool more = true;  // rays to fetch; the same in all lanes
  for (;;) {
    const u32 live = warp_ballot(!is_done(walk));
    if (count_bits(live) < (more ? refill_below() : 1)) {
      if (is_done(walk) && walk.query.index != kNone) work.finish(walk.query);
      if (!more) return;
      more = refill(walk, stack, work, count, next, ~live & warp_mask());
      continue;
    }
    const u32 half = (count_bits(live) + 1) / 2;
    while (count_bits(warp_ballot(is_at_node(walk))) >= half) {
      if (is_at_node(walk)) visit_node(walk, stack, work.bvh());
    }
    if (is_at_leaf(walk)) visit_leaf(walk, stack, work.bvh(), [&] { return work.ray(walk.query.index); });
  }
}

}  // namespace oct::inline OCT_ISA
