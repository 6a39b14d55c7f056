#pragma once
#include "geometry/wide_nodes.hpp"

// The walk of wide trees, one ray at a time.

namespace oct::inline OCT_ISA {

/// One ray between two steps.
template <class Query>
struct WideWalk {
  Query* query;
  const Ray* ray;
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
  walk.upper = upper_reach(walk.query->limit(), level_of(walk));
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

/// Visits nodes until the ray is at a leaf or leaves this level. False when the walk is over.
template <class Query>
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
    } else if (!take_in_reach(walk.base, walk.upper, &top, &ref)) {
      walk.top = top;
      return take_child(walk);
    }
  } while ((ref & kRefKindMask) == kRefNode);
  walk.top = top;
  walk.ref = ref;
  return true;
}

/// Visits nodes, a leaf or an instance. False when the walk is over.
template <class Query>
OCT_HD bool step(WideWalk<Query>& walk, const SceneBvh& bvh) {
  const u32 kind = walk.ref & kRefKindMask;
  if (kind == kRefNode) return visit_nodes(walk, bvh);
  if (kind == kRefBlocks) {
    if (visit_blocks(bvh, level_of(walk), walk.ref, *walk.query)) return false;
    walk.upper = upper_reach(walk.query->limit(), level_of(walk));
  } else {
    const BvhInstance& instance = bvh.instances[walk.ref & kRefIndexMask];
    if (enter_instance(*walk.ray, walk.world.frame.slab, instance, &walk.object)) {
      set_level(walk, true, walk.top);
      walk.ref = instance.wide_root;
      return true;
    }
  }
  return take_child(walk);
}

/// Puts a ray within the limits at the root of a scene that has one.
template <class Query>
OCT_HD void start_walk(WideWalk<Query>& walk, const SceneBvh& bvh, const Ray& ray, Query& query) {
  walk.query = &query;
  walk.ray = &ray;
  walk.world = world_level(ray);
  walk.ref = bvh.wide_root;
  walk.top = walk.stack;
  set_level(walk, false, walk.stack);
}

/// Runs a query over the wide trees.
template <class Query>
OCT_HD void run_wide(const SceneBvh& bvh, const Ray& ray, Query& query) {
  if (bvh.wide_root == kNone || !within_limits(ray.origin, ray.direction)) return;
  WideWalk<Query> walk;
  start_walk(walk, bvh, ray, query);
  while (step(walk, bvh)) {
  }
}

}  // namespace oct::inline OCT_ISA
