#pragma once
#include "geometry/query.hpp"

// Traversal of compact nodes, one ray a thread: for GPUs, and on the CPU for tests. After Ylitie, Karras,
// Laine, "Efficient Incoherent Ray Traversal on GPUs Through Compressed Wide BVHs", HPG 2017: children stand
// in slots by octant, so that slot ^ octant of the ray is an order from front to back, and a stack entry is a
// whole node's rest.

namespace oct::inline OCT_ISA {

/// Children of one node that wait: bit = place in the ray's order.
struct WaitingGroup {
  u32 node;
  u32 bits;
};

OCT_HD float grid_step(u8 exponent) {
  return float_from_bits(static_cast<u32>(exponent) << 23);
}

/// The box that a compact child stands for. The product is exact; the sum is rounded, here and in the
/// builder's check.
OCT_HD Bounds3 compact_box(const CompactNode& node, u32 slot) {
  const Vec3 step{grid_step(node.exponent[0]), grid_step(node.exponent[1]), grid_step(node.exponent[2])};
  const Vec3 lo{static_cast<float>(node.lo[0][slot]), static_cast<float>(node.lo[1][slot]),
                static_cast<float>(node.lo[2][slot])};
  const Vec3 hi{static_cast<float>(node.hi[0][slot]), static_cast<float>(node.hi[1][slot]),
                static_cast<float>(node.hi[2][slot])};
  return {node.origin + lo * step, node.origin + hi * step};
}

/// Which octant a ray looks into, as the slots of nodes are numbered.
OCT_HD u32 ray_octant(const SlabRay& ray) {
  return (ray.inverse.x < 0.0f ? 1u : 0u) | (ray.inverse.y < 0.0f ? 2u : 0u) |
         (ray.inverse.z < 0.0f ? 4u : 0u);
}

/// Children that the ray passes within [lower, upper]: bit i is the child in slot i ^ octant.
OCT_HD u32 pass_compact(const CompactNode& node, const SlabRay& ray, u32 octant, float lower, float upper) {
  u32 bits = 0;
  for (u32 slot = 0; slot < kBvhWidth; ++slot) {
    if (node.meta[slot] == 0) continue;
    const Interval range = slab_interval(ray, compact_box(node, slot));
    if (max(range.near, lower) <= min(range.far, upper)) bits |= 1u << (slot ^ octant);
  }
  return bits;
}

template <class Query>
OCT_HD bool visit_triangles(const SceneBvh& bvh, const Level& level, u32 first, u32 count, Query& query) {
  for (u32 index = first; index < first + count; ++index) {
    const CompactTriangle& triangle = bvh.compact_triangles[index];
    if (report_triangle(level, triangle.corner[0], triangle.corner[1], triangle.corner[2], triangle.instance,
                        triangle.primitive, query)) {
      return true;
    }
  }
  return false;
}

/// Walks one tree, and those of the instances in it. True if the query ended the traversal.
template <bool kWorld, class Query>
OCT_HD bool walk_compact(const SceneBvh& bvh, const Ray& ray, const Level& level, u32 root, Query& query,
                         WaitingGroup* stack) {
  const u32 octant = ray_octant(level.frame.slab);
  const float lower = lower_reach(ray, level);
  float upper = upper_reach(query.limit(), level);
  WaitingGroup group{root, pass_compact(bvh.compact_nodes[root], level.frame.slab, octant, lower, upper)};
  WaitingGroup* top = stack;
  for (;;) {
    if (group.bits == 0) {
      if (top == stack) return false;
      group = *--top;
    }
    const CompactNode& node = bvh.compact_nodes[group.node];
    const u32 place = 31u - static_cast<u32>(__builtin_clz(group.bits & (0u - group.bits)));
    group.bits &= group.bits - 1;
    const u32 meta = node.meta[place ^ octant];
    const u32 kind = meta >> kCompactKindShift;
    const u32 offset = meta & kCompactOffsetMask;
    if (kind == kCompactNode) {
      const u32 child = node.first_node + offset;
      const u32 bits = pass_compact(bvh.compact_nodes[child], level.frame.slab, octant, lower, upper);
      if (bits != 0) {
        if (group.bits != 0) *top++ = group;
        group = {child, bits};
      }
      continue;
    }
    if (kind == kCompactInstance) {
      if constexpr (kWorld) {
        const BvhInstance& instance =
            bvh.instances[bvh.compact_triangles[node.first_triangle + offset].instance];
        Level object;
        if (enter_instance(ray, level.frame.slab, instance, &object) &&
            walk_compact<false>(bvh, ray, object, instance.compact_root, query, top)) {
          return true;
        }
      }
    } else if (visit_triangles(bvh, level, node.first_triangle + offset, kind, query)) {
      return true;
    }
    upper = upper_reach(query.limit(), level);
  }
}

}  // namespace oct::inline OCT_ISA
