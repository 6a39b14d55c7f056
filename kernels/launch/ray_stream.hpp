#pragma once
#include "geometry/walk_compact.hpp"
#include "launch/warp.hpp"

// How a warp traces a queue of rays (after Aila and Laine 2009, "Understanding the Efficiency of Ray Traversal on
// GPUs"). Warps stay until the queue is empty and each lane takes a new ray when its own has ended, so that the
// longest of 32 rays keeps nobody waiting; and at each step the lanes of a warp do what most of them want, a node or a
// leaf, while the others wait for their turn. Neither changes what a ray finds.

namespace oct::inline OCT_ISA {

/// Lanes fetch new rays when fewer than this share of the warp has any: to fetch is dear, to idle as well.
inline constexpr u32 kRefillBelow32nds = 26;

/// Traces rays 0 to count - 1, each by one of the lanes that run this together with the same arguments, in any
/// number of warps.
///   work  is a class with
///           using Walk                          the CompactWalk of its rays
///           const SceneBvh& bvh()
///           Ray ray(u32 index)
///           auto query(u32 index, const Ray&)   may keep the pointer to the ray while the walk goes on
///           void finish(u32 index, const Query&)
///   next  the first ray that nobody has fetched: 0 at first
template <class Work>
OCT_HD void trace_stream(const Work& work, u32 count, u32* next) {
  typename Work::Walk walk;
  StackOf<typename Work::Query> stack;
  Ray ray;
  u32 index = kNone;
  bool more = true;  // the same in all lanes
  walk.next = kCompactDone;
  for (;;) {
    const u32 live = warp_ballot(!is_done(walk));
    if (live == 0 || (more && count_bits(live) * 32 < count_bits(warp_mask()) * kRefillBelow32nds)) {
      if (is_done(walk) && index != kNone) work.finish(index, walk.query);
      if (!more) return;
      const u32 idle = warp_mask() & ~live;
      const u32 first = warp_fetch_add(next, count_bits(idle));
      more = first < count && count - first > count_bits(idle);
      if (is_done(walk)) {
        const u32 mine = first + lanes_before(idle);
        index = mine < count ? mine : kNone;
        if (index != kNone) {
          ray = work.ray(index);
          walk.query = work.query(index, ray);
          start_walk(walk, stack, work.bvh(), ray);
        }
      }
      continue;
    }
    const u32 at_node = warp_ballot(is_at_node(walk));
    if (count_bits(at_node) * 2 >= count_bits(live)) {
      if (is_at_node(walk)) visit_node(walk, stack, work.bvh());
    } else {
      if (!is_at_node(walk) && !is_done(walk)) visit_leaf(walk, stack, work.bvh(), ray);
    }
  }
}

}  // namespace oct::inline OCT_ISA
