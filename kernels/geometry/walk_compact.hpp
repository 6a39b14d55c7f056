#pragma once
#include "geometry/compact_nodes.hpp"
#include "geometry/compact_stack.hpp"

// Traversal of compact trees, one ray a thread: for GPUs, and on the CPU for tests. A walk goes on in steps, each a
// visit to one node or to one triangle, so that whoever runs many of them (launch/ray_stream.hpp) can let those
// step together that want the same. The world and the objects in it are walked by one loop: to enter an instance is
// a step that changes the space, and a mark on the stack changes it back.

namespace oct::inline OCT_ISA {

/// A ray on its way through the trees. kInstances = false is for scenes without any: nothing of them is left then.
template <u32 kWidth, bool kInstances, class Query>
struct CompactWalk {
  Level level;         ///< the space that the ray is in
  float lower, upper;  ///< where hits can count; level's units
  u32 next;            ///< reference of what to visit
  u32 waiting;         ///< on the stack, marks included
  Query query;
};

template <class Query>
using StackOf = CompactStack<Query::kOrdered>;

/// What the next step of a walk visits.
template <class Walk>
OCT_HD bool is_done(const Walk& walk) {
  return walk.next == kCompactDone;
}
template <class Walk>
OCT_HD bool is_at_node(const Walk& walk) {
  return (walk.next & kCompactLeaf) == 0;
}

template <class Walk>
OCT_HD void enter_level(Walk& walk, const Ray& ray, const Level& level) {
  walk.level = level;
  walk.lower = lower_reach(ray, level);
  walk.upper = upper_reach(walk.query.limit(), level);
}

/// Starts at the root; `walk.query` is set. The walk is done at once if the ray cannot hit anything.
template <class Walk, class Stack>
OCT_HD void start_walk(Walk& walk, Stack& stack, const SceneBvh& bvh, const Ray& ray) {
  walk.next = kCompactDone;
  if (bvh.compact_root == kNone || !within_limits(ray.origin, ray.direction)) return;
  enter_level(walk, ray, world_level(ray));
  walk.waiting = 0;
  stack.push(walk.waiting, -kInfinity, kCompactDone);
  walk.next = bvh.compact_root;
}

/// Puts the nearer of two children first.
OCT_HD_INLINE void put_in_order(float& near_a, u32& child_a, float& near_b, u32& child_b) {
  const bool swap = near_b < near_a;
  const float near = swap ? near_a : near_b;
  const u32 child = swap ? child_a : child_b;
  near_a = swap ? near_b : near_a;
  child_a = swap ? child_b : child_a;
  near_b = near;
  child_b = child;
}

OCT_HD_INLINE void sort_children(PassedChildren<2>& passed) {
  put_in_order(passed.near[0], passed.child[0], passed.near[1], passed.child[1]);
}
OCT_HD_INLINE void sort_children(PassedChildren<4>& passed) {
  constexpr u32 kPairs[5][2] = {{0, 1}, {2, 3}, {0, 2}, {1, 3}, {1, 2}};
  for (const auto& pair : kPairs) {
    put_in_order(passed.near[pair[0]], passed.child[pair[0]], passed.near[pair[1]], passed.child[pair[1]]);
  }
}

/// Visits a node. The nearest child is next where order counts, else the first; the others wait.
template <u32 kWidth, bool kInstances, class Query>
OCT_HD void visit_node(CompactWalk<kWidth, kInstances, Query>& walk, StackOf<Query>& stack,
                       const SceneBvh& bvh) {
  const auto* const node = reinterpret_cast<const CompactNode<kWidth>*>(bvh.compact_nodes) + walk.next;
  PassedChildren<kWidth> passed = pass_compact(node, walk.level.frame.slab, walk.lower, walk.upper);
  if constexpr (Query::kOrdered) sort_children(passed);
  for (u32 i = kWidth; i-- > 0;) {
    if (passed.near[i] < kInfinity) stack.push(walk.waiting, passed.near[i], passed.child[i]);
  }
  walk.next = stack.pop(walk.waiting, walk.upper);
}

/// Tests the first triangle of a leaf.
template <class Walk, class Stack>
OCT_HD void visit_triangle(Walk& walk, Stack& stack, const SceneBvh& bvh) {
  const CompactTriangle triangle = load_vectors(bvh.compact_triangles + (walk.next & kCompactIndexMask));
  if (report_triangle(walk.level, triangle.corner[0], triangle.corner[1], triangle.corner[2],
                      triangle.instance, triangle.primitive, walk.query)) {
    walk.next = kCompactDone;
    return;
  }
  walk.upper = upper_reach(walk.query.limit(), walk.level);
  const u32 others = walk.next & (3u << kCompactCountShift);
  if (others != 0) {
    walk.next += 1u - (1u << kCompactCountShift);  // the next triangle, and one less after it
  } else {
    walk.next = stack.pop(walk.waiting, walk.upper);
  }
}

/// Enters an instance, or leaves one.
template <class Walk, class Stack>
OCT_HD void visit_instance(Walk& walk, Stack& stack, const SceneBvh& bvh, const Ray& ray) {
  if (walk.next == kCompactLeave) {
    enter_level(walk, ray, world_level(ray));
  } else {
    const BvhInstance instance = load_vectors(bvh.instances + (walk.next & kCompactIndexMask));
    Level object;
    if (enter_instance(ray, walk.level.frame, instance, &object)) {
      stack.push(walk.waiting, -kInfinity, kCompactLeave);
      enter_level(walk, ray, object);
      walk.next = instance.compact_root;
      return;
    }
  }
  walk.next = stack.pop(walk.waiting, walk.upper);
}

/// Visits what is no node.
template <u32 kWidth, bool kInstances, class Query>
OCT_HD void visit_leaf(CompactWalk<kWidth, kInstances, Query>& walk, StackOf<Query>& stack,
                       const SceneBvh& bvh, const Ray& ray) {
  if constexpr (kInstances) {
    if ((walk.next & kCompactInstance) == kCompactInstance) {
      visit_instance(walk, stack, bvh, ray);
      return;
    }
  }
  visit_triangle(walk, stack, bvh);
}

}  // namespace oct::inline OCT_ISA
