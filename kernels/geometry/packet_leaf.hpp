#pragma once
#include "geometry/packet_rays.hpp"

// Triangles against the rays of a packet, one triangle and eight rays at a time.

namespace oct::inline OCT_ISA {

/// A triangle seen from eight rays, and its edge values.
struct ShearedLanes {
  Float8 z[3];
  Float8 edge[3];  ///< opposite to corner 0, 1, 2
};

/// The same operations as sheared() and edge_values(), for the rays from `first` on.
OCT_HD_INLINE ShearedLanes shear_triangle(const PacketRays& packet, u32 first, const TriangleBlock& block,
                                          u32 triangle) {
  const auto along = [&](u32 axis, u32 corner) {
    return broadcast8(block.corner[corner][packet.axes[axis]][triangle]);
  };
  const Float8 origin_x = load8(packet.corner_origin[0] + first);
  const Float8 origin_y = load8(packet.corner_origin[1] + first);
  const Float8 origin_z = load8(packet.corner_origin[2] + first);
  const Float8 shear_x = load8(packet.shear[0] + first);
  const Float8 shear_y = load8(packet.shear[1] + first);
  ShearedLanes sheared;
  Float8 x[3], y[3];
  for (u32 i = 0; i < 3; ++i) {
    sheared.z[i] = along(2, i) - origin_z;
    x[i] = (along(0, i) - origin_x) - shear_x * sheared.z[i];
    y[i] = (along(1, i) - origin_y) - shear_y * sheared.z[i];
  }
  sheared.edge[0] = x[2] * y[1] - y[2] * x[1];
  sheared.edge[1] = x[0] * y[2] - y[0] * x[2];
  sheared.edge[2] = x[1] * y[0] - y[1] * x[0];
  return sheared;
}

/// Bits of the rays for which the edge values agree in sign.
OCT_HD_INLINE u32 agreeing_signs(const ShearedLanes& sheared) {
  const Float8 zero = broadcast8(0.0f);
  const Float8 least = min(min(sheared.edge[0], sheared.edge[1]), sheared.edge[2]);
  const Float8 most = max(max(sheared.edge[0], sheared.edge[1]), sheared.edge[2]);
  return less_equal(zero, least) | less_equal(most, zero);
}

/// Bits of the rays for which an edge value is zero.
OCT_HD_INLINE u32 zero_edges(const ShearedLanes& sheared) {
  const Float8 zero = broadcast8(0.0f);
  return equal(sheared.edge[0], zero) | equal(sheared.edge[1], zero) | equal(sheared.edge[2], zero);
}

/// Bits of the rays that left this triangle.
OCT_HD_INLINE u32 excluding(const PacketRays& packet, u32 first, const TriangleBlock& block, u32 triangle) {
  return equal(load_int8(packet.exclude_instance + first), broadcast_int8(block.instance[triangle])) &
         equal(load_int8(packet.exclude_primitive + first), broadcast_int8(block.primitive[triangle]));
}

/// Where eight rays are inside the canonical box of a triangle: slab_interval of triangle_box.
struct Interval8 {
  Float8 near, far;
};

OCT_HD_INLINE Interval8 box_interval(const PacketRays& packet, u32 first, const TriangleBlock& block,
                                     u32 triangle) {
  const float pad = block.pad[triangle];
  Float8 near[3], far[3];
  for (u32 axis = 0; axis < 3; ++axis) {
    const float a = block.corner[0][axis][triangle];
    const float b = block.corner[1][axis][triangle];
    const float c = block.corner[2][axis][triangle];
    const float lower = min(min(a, b), c) - pad;
    const float upper = max(max(a, b), c) + pad;
    const bool down = packet.is_down[axis];
    const Float8 inverse = load8(packet.inverse[axis] + first);
    near[axis] = (broadcast8(down ? upper : lower) - load8(packet.origin_near[axis] + first)) * inverse;
    far[axis] = (broadcast8(down ? lower : upper) - load8(packet.origin_far[axis] + first)) * inverse;
  }
  return {max(max(near[0], near[1]), near[2]), min(min(far[0], far[1]), far[2]) * broadcast8(kFarStretch)};
}

/// Hits of eight rays; lanes whose bit is not set hold anything.
struct LaneHits {
  u32 bits;
  u32 clockwise;  ///< by lane, see goes_clockwise()
  alignas(32) float t[kBvhWidth], u[kBvhWidth], v[kBvhWidth];
};

/// The rest of the triangle test for the rays given by `bits`, none of whose edge values is zero.
OCT_HD_INLINE void find_hits(const PacketRays& packet, u32 first, const TriangleBlock& block, u32 triangle,
                             const ShearedLanes& sheared, u32 bits, LaneHits* hits) {
  const u32 kz = packet.axes[2];
  const Float8 sum = sheared.edge[0] + sheared.edge[1] + sheared.edge[2];
  const Float8 u = sheared.edge[1] / sum;
  const Float8 v = sheared.edge[2] / sum;
  const Float8 z = sheared.z[0] + u * (sheared.z[1] - sheared.z[0]) + v * (sheared.z[2] - sheared.z[0]);
  const Interval8 box = box_interval(packet, first, block, triangle);
  const Float8 t = min(max(z * load8(packet.inverse[kz] + first), box.near), box.far);
  hits->bits = bits & less_equal(box.near, box.far) & less_equal(t, load8(packet.upper + first)) &
               less_equal(load8(packet.lower + first), t);
  hits->clockwise = less_equal(sum, broadcast8(0.0f)) ^ (packet.is_down[kz] ? kAllLanes : 0u);
  store(hits->t, t);
  store(hits->u, u);
  store(hits->v, v);
}

}  // namespace oct::inline OCT_ISA
