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
  Vec3 origin;         ///< there, turned
  u32 down;            ///< of CompactRay, there
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
OCT_HD bool is_at_leaf(const Walk& walk) {
  return !is_at_node(walk) && !is_done(walk);
}

template <class Walk>
OCT_HD void enter_level(Walk& walk, const Ray& ray, const Level& level) {
  walk.level = level;
  walk.origin = turned(level.frame, level.frame.origin);
  walk.down = compact_ray(level.frame.slab).down;
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
  PassedChildren<kWidth> passed =
      pass_compact(node, {walk.level.frame.slab, walk.down}, walk.lower, walk.upper);
  if constexpr (Query::kOrdered) sort_children(passed);
  for (u32 i = kWidth; i-- > 1;) {
    stack.push_if(passed.near[i] < kInfinity, walk.waiting, passed.near[i], passed.child[i]);
  }
  if (passed.near[0] < kInfinity) {
    walk.next = passed.child[0];
  } else {
    walk.next = stack.pop(walk.waiting, walk.upper);
  }
}

/// The corners on one axis, as seen from the ray.
OCT_HD_INLINE Vec3 corners_from(const CompactTriangle& triangle, u32 axis, float origin) {
  float corners[4];
  load_vector(triangle.axis + axis, corners);
  return {corners[0] - origin, corners[1] - origin, corners[2] - origin};
}

/// The corners, sheared. Each ray reads the axes in its own order: to choose components in registers costs more.
struct ShearedCorners {
  Vec3 a, b, c;
};
template <class Walk>
OCT_HD ShearedCorners shear_compact(const Walk& walk, const CompactTriangle& triangle) {
  const RayFrame& frame = walk.level.frame;
  const u32 kx = axis_after(frame.kz);
  const Vec3 x = corners_from(triangle, kx, walk.origin.x);
  const Vec3 y = corners_from(triangle, axis_after(kx), walk.origin.y);
  const Vec3 z = corners_from(triangle, frame.kz, walk.origin.z);
  return {sheared(frame, {x.x, y.x, z.x}), sheared(frame, {x.y, y.y, z.y}), sheared(frame, {x.z, y.z, z.z})};
}

OCT_HD_CALLED Bounds3 box_of_corners(float ax, float bx, float cx, float ay, float by, float cy, float az,
                                     float bz, float cz) {
  return triangle_box({ax, ay, az}, {bx, by, bz}, {cx, cy, cz});
}

/// The triangle's canonical box. Its pad is kept in memory. The minima are one instruction each; where a zero of the
/// other sign could show, since no pad hides it, they are those of the definition.
OCT_HD Bounds3 box_of(const CompactTriangle& triangle) {
  const float pad = float_from_bits(triangle.axis[2].number);
  const float* x = triangle.axis[0].corner;
  const float* y = triangle.axis[1].corner;
  const float* z = triangle.axis[2].corner;
  if (pad == 0.0f) return box_of_corners(x[0], x[1], x[2], y[0], y[1], y[2], z[0], z[1], z[2]);
  const Vec3 lower{smaller(smaller(x[0], x[1]), x[2]), smaller(smaller(y[0], y[1]), y[2]),
                   smaller(smaller(z[0], z[1]), z[2])};
  const Vec3 upper{larger(larger(x[0], x[1]), x[2]), larger(larger(y[0], y[1]), y[2]),
                   larger(larger(z[0], z[1]), z[2])};
  return padded({lower, upper}, pad);
}

/// The second half of report_triangle for a triangle in memory, which is read once more.
template <class Walk>
OCT_HD bool report_compact(Walk& walk, const CompactTriangle& triangle, const ShearedCorners& seen,
                           const EdgeValues& edges) {
  const RayFrame& frame = walk.level.frame;
  PlaneHit plane;
  if (!plane_hit(frame, seen.a, seen.b, seen.c, edges, &plane)) return false;
  const CompactTriangle whole = load_vectors(&triangle);
  return clamp_to_box(frame, box_of(whole), &plane) &&
         report_plane_hit(walk.level, plane, whole.axis[0].number, whole.axis[1].number, walk.query);
}

/// A triangle between whose edges the ray passes, as seen from the ray.
struct CompactCandidate {
  const CompactTriangle* triangle;
  ShearedCorners seen;
  EdgeValues edges;
  bool exists;
};

/// Tests triangles of a leaf, up to the first candidate; walk.next then names what is left. True if nothing is.
template <class Walk>
OCT_HD bool find_candidate(Walk& walk, const SceneBvh& bvh, CompactCandidate* found) {
  bool is_last;
  do {
    found->triangle = bvh.compact_triangles + (walk.next & kCompactIndexMask);
    found->seen = shear_compact(walk, *found->triangle);
    found->edges = edge_values(found->seen.a, found->seen.b, found->seen.c);
    found->exists = signs_agree(found->edges.a, found->edges.b, found->edges.c);
    is_last = (walk.next & (3u << kCompactCountShift)) == 0;
    walk.next += 1u - (1u << kCompactCountShift);  // the next triangle, and one less after it
  } while (!found->exists && !is_last);
  return is_last;
}

/// Visits a leaf. Edges and the rest take turns, so that those lanes of a warp do the rest together that have a
/// candidate, wherever in its leaf each found it.
template <class Walk, class Stack>
OCT_HD void visit_triangles(Walk& walk, Stack& stack, const SceneBvh& bvh) {
  for (bool is_last = false; !is_last;) {
    CompactCandidate candidate;
    is_last = find_candidate(walk, bvh, &candidate);
    if (!candidate.exists) continue;
    if (report_compact(walk, *candidate.triangle, candidate.seen, candidate.edges)) {
      walk.next = kCompactDone;
      return;
    }
    if constexpr (decltype(walk.query)::kOrdered) walk.upper = upper_reach(walk.query.limit(), walk.level);
  }
  walk.next = stack.pop(walk.waiting, walk.upper);
}

/// Enters an instance, or leaves one.
template <class Walk, class Stack>
OCT_HD void visit_instance(Walk& walk, Stack& stack, const SceneBvh& bvh, const Ray& ray) {
  if (walk.next == kCompactLeave) {
    enter_level(walk, ray, world_level(ray));
  } else {
    const BvhInstance instance = load_vectors(bvh.instances + (walk.next & kCompactIndexMask));
    Level object;
    if (enter_instance(ray, walk.level.frame.slab, instance, &object)) {
      stack.push(walk.waiting, -kInfinity, kCompactLeave);
      enter_level(walk, ray, object);
      walk.next = instance.compact_root;
      return;
    }
  }
  walk.next = stack.pop(walk.waiting, walk.upper);
}

/// Visits what is no node. `ray()` gives the ray, which few visits need.
template <u32 kWidth, bool kInstances, class Query, class RayOf>
OCT_HD void visit_leaf(CompactWalk<kWidth, kInstances, Query>& walk, StackOf<Query>& stack,
                       const SceneBvh& bvh, RayOf&& ray) {
  if constexpr (kInstances) {
    if ((walk.next & kCompactInstance) == kCompactInstance) {
      visit_instance(walk, stack, bvh, ray());
      return;
    }
  }
  visit_triangles(walk, stack, bvh);
}

}  // namespace oct::inline OCT_ISA
