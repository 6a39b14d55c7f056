#pragma once
#include "geometry/wide_nodes.hpp"

// The walk of wide trees. Of several rays in flight each takes one step and fetches what its next step reads,
// while the others take theirs: what one ray alone would wait for memory, mostly, is time to work on the
// others. A ray that is alone walks by the same steps.

namespace oct::inline OCT_ISA {

/// Rays in flight; measured: more wins nothing.
inline constexpr u32 kRaysInFlight = 8;

/// One ray between two steps.
template <class Query>
struct WideWalk {
  Query query;
  const Ray* ray;
  u64 index;  ///< of the ray
  Level world;
  Level object;  ///< while in an instance
  bool in_instance;
  float lower, upper;
  u32 ref;             ///< what the next step visits
  WaitingChild* top;   ///< of the stack
  WaitingChild* base;  ///< where this level's part of the stack begins
  WaitingChild stack[kWideStackSize];
};

template <class Query>
OCT_HD const Level& level_of(const WideWalk<Query>& walk) {
  return walk.in_instance ? walk.object : walk.world;
}

template <class Query>
OCT_HD void set_level(WideWalk<Query>& walk, bool in_instance, WaitingChild* base) {
  walk.in_instance = in_instance;
  walk.base = base;
  walk.lower = lower_reach(*walk.ray, level_of(walk));
  walk.upper = upper_reach(walk.query.limit(), level_of(walk));
}

/// Fetches what a visit to a child reads.
OCT_HD void prefetch(const SceneBvh& bvh, u32 ref) {
  const u32 index = ref & kRefIndexMask;
  const auto fetch = [](const void* data, u32 lines) {
    for (u32 i = 0; i < lines; ++i) __builtin_prefetch(static_cast<const char*>(data) + 64 * i);
  };
  if ((ref & kRefKindMask) == kRefNode) {
    fetch(bvh.wide_nodes + index, 4);
  } else if ((ref & kRefKindMask) == kRefBlocks) {
    fetch(bvh.blocks + index, 3);
  } else {
    fetch(bvh.instances + index, 2);
  }
}

/// Takes the nearest child that is still in reach from a level's part of the stack. False when it is empty.
OCT_HD bool take_in_reach(const WaitingChild* base, float upper, WaitingChild** top, u32* ref) {
  while (*top != base) {
    --*top;
    if ((*top)->near > upper) continue;
    *ref = (*top)->ref;
    return true;
  }
  return false;
}

/// Takes the nearest child that is still in reach; leaves the instance when its part of the stack is empty.
/// False when nothing is left.
template <class Query>
OCT_HD bool take_child(WideWalk<Query>& walk) {
  while (!take_in_reach(walk.base, walk.upper, &walk.top, &walk.ref)) {
    if (!walk.in_instance) return false;
    set_level(walk, false, walk.stack);
  }
  return true;
}

/// Visits a node; a ray that is alone has no reason to stop before it is at a leaf or leaves this level. False
/// when the walk is over.
template <bool kAlone, class Query>
OCT_HD bool visit_nodes(WideWalk<Query>& walk, const SceneBvh& bvh) {
  const WideSlabRay slab = wide_slab_ray(level_of(walk).frame.slab);
  const Float8 lower = broadcast8(walk.lower);
  const Float8 upper = broadcast8(walk.upper);
  WaitingChild* top = walk.top;
  u32 ref = walk.ref;
  do {
    const WideNode& node = bvh.wide_nodes[ref];
    Float8 near;
    const u32 bits = pass_boxes(node, slab, lower, upper, &near);
    if (bits != 0) {
      top = push_others<Query::kOrdered>(node, bits, near, top, &ref);
    } else if (!kAlone || !take_in_reach(walk.base, walk.upper, &top, &ref)) {
      walk.top = top;
      return take_child(walk);
    }
  } while (kAlone && (ref & kRefKindMask) == kRefNode);
  walk.top = top;
  walk.ref = ref;
  return true;
}

/// Visits nodes, a leaf or an instance. False when the walk is over.
template <bool kAlone, class Query>
OCT_HD bool step(WideWalk<Query>& walk, const SceneBvh& bvh) {
  const u32 kind = walk.ref & kRefKindMask;
  if (kind == kRefNode) return visit_nodes<kAlone>(walk, bvh);
  if (kind == kRefBlocks) {
    if (visit_blocks(bvh, level_of(walk), walk.ref, walk.query)) return false;
    walk.upper = upper_reach(walk.query.limit(), level_of(walk));
  } else {
    const BvhInstance& instance = bvh.instances[walk.ref & kRefIndexMask];
    if (enter_instance(*walk.ray, walk.world.frame, instance, &walk.object)) {
      set_level(walk, true, walk.top);
      walk.ref = instance.wide_root;
      return true;
    }
  }
  return take_child(walk);
}

/// Starts the next ray that can hit anything. `finish(index, query)` is called for those that cannot. False
/// if none is left.
template <class Query, class Make, class Finish>
OCT_HD bool start_walk(WideWalk<Query>& walk, const SceneBvh& bvh, const Ray* rays, u64 count, u64* next,
                       Make&& make, Finish&& finish) {
  for (; *next < count; ++*next) {
    const Ray& ray = rays[*next];
    walk.query = make(ray, *next);
    if (bvh.wide_root != kNone && within_limits(ray.origin, ray.direction)) {
      walk.ray = &ray;
      walk.index = (*next)++;
      walk.world = world_level(ray);
      walk.ref = bvh.wide_root;
      walk.top = walk.stack;
      set_level(walk, false, walk.stack);
      return true;
    }
    finish(*next, walk.query);
  }
  return false;
}

/// Runs the query make(ray, index) for each ray and hands it to finish(index, query), in any order, with
/// kInFlight rays at a time.
template <u32 kInFlight, class Query, class Make, class Finish>
OCT_HD void run_many(const SceneBvh& bvh, const Ray* rays, u64 count, Make&& make, Finish&& finish) {
  WideWalk<Query> walks[kInFlight];
  WideWalk<Query>* live[kInFlight];
  u32 live_count = 0;
  u64 next = 0;
  for (WideWalk<Query>& walk : walks) {
    if (!start_walk(walk, bvh, rays, count, &next, make, finish)) break;
    live[live_count++] = &walk;
  }
  while (live_count != 0) {
    for (u32 i = 0; i < live_count;) {
      WideWalk<Query>& walk = *live[i];
      if (!step<kInFlight == 1>(walk, bvh)) {
        finish(walk.index, walk.query);
        if (!start_walk(walk, bvh, rays, count, &next, make, finish)) {
          live[i] = live[--live_count];
          continue;
        }
      }
      if (kInFlight > 1) prefetch(bvh, walk.ref);
      ++i;
    }
  }
}

}  // namespace oct::inline OCT_ISA
