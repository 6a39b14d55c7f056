#pragma once
#include "geometry/query.hpp"
#include "geometry/simd.hpp"

// What a visit to wide nodes does on the CPU: eight boxes and four triangles at a time, nearest child first.

namespace oct::inline OCT_ISA {

/// A child that waits; `near` is where the ray enters its box.
struct WaitingChild {
  float near;
  u32 ref;
};

/// The slab ray with each number in all lanes, and where in a node its near planes lie.
struct WideSlabRay {
  Float8 inverse_x, inverse_y, inverse_z;
  Float8 near_x, near_y, near_z;
  Float8 far_x, far_y, far_z;
  u64 offset_x, offset_y, offset_z;  ///< floats from the start of the axis to the near planes
};

OCT_HD WideSlabRay wide_slab_ray(const SlabRay& ray) {
  return {broadcast8(ray.inverse.x),
          broadcast8(ray.inverse.y),
          broadcast8(ray.inverse.z),
          broadcast8(ray.origin_near.x),
          broadcast8(ray.origin_near.y),
          broadcast8(ray.origin_near.z),
          broadcast8(ray.origin_far.x),
          broadcast8(ray.origin_far.y),
          broadcast8(ray.origin_far.z),
          u64{bits_of(ray.inverse.x) >> 31} * kBvhWidth,
          u64{bits_of(ray.inverse.y) >> 31} * kBvhWidth,
          u64{bits_of(ray.inverse.z) >> 31} * kBvhWidth};
}

/// The slab formula for eight boxes. Returns one bit a child that the ray passes within [lower, upper].
OCT_HD u32 pass_boxes(const WideNode& node, const WideSlabRay& ray, Float8 lower, Float8 upper,
                      Float8* near) {
  const float* x = &node.bounds[0][0][0];
  const float* y = &node.bounds[1][0][0];
  const float* z = &node.bounds[2][0][0];
  const Float8 near_x = (load8(x + ray.offset_x) - ray.near_x) * ray.inverse_x;
  const Float8 near_y = (load8(y + ray.offset_y) - ray.near_y) * ray.inverse_y;
  const Float8 near_z = (load8(z + ray.offset_z) - ray.near_z) * ray.inverse_z;
  const Float8 far_x = (load8(x + (ray.offset_x ^ kBvhWidth)) - ray.far_x) * ray.inverse_x;
  const Float8 far_y = (load8(y + (ray.offset_y ^ kBvhWidth)) - ray.far_y) * ray.inverse_y;
  const Float8 far_z = (load8(z + (ray.offset_z ^ kBvhWidth)) - ray.far_z) * ray.inverse_z;
  *near = max(max(near_x, near_y), max(near_z, lower));
  const Float8 far = min(min(far_x, far_y), far_z) * broadcast8(kFarStretch);
  return less_equal(*near, min(far, upper));
}

/// Four triangles seen from the ray, and their edge values.
struct ShearedBlock {
  Float4 z[3];
  Float4 edge[3];  ///< opposite to corner 0, 1, 2
};

/// The same operations as sheared() and edge_values().
OCT_HD ShearedBlock shear_block(const TriangleBlock& block, const RayFrame& frame) {
  const Float4 origin_x = broadcast4(component(frame.origin, frame.kx));
  const Float4 origin_y = broadcast4(component(frame.origin, frame.ky));
  const Float4 origin_z = broadcast4(component(frame.origin, frame.kz));
  const Float4 shear_x = broadcast4(frame.shear_x);
  const Float4 shear_y = broadcast4(frame.shear_y);
  ShearedBlock sheared;
  Float4 x[3], y[3];
  for (u32 i = 0; i < 3; ++i) {
    sheared.z[i] = load4(block.corner[i][frame.kz]) - origin_z;
    x[i] = (load4(block.corner[i][frame.kx]) - origin_x) - shear_x * sheared.z[i];
    y[i] = (load4(block.corner[i][frame.ky]) - origin_y) - shear_y * sheared.z[i];
  }
  sheared.edge[0] = x[2] * y[1] - y[2] * x[1];
  sheared.edge[1] = x[0] * y[2] - y[0] * x[2];
  sheared.edge[2] = x[1] * y[0] - y[1] * x[0];
  return sheared;
}

/// Bits of the triangles whose edge values agree in sign.
OCT_HD u32 agreeing_signs(const ShearedBlock& sheared) {
  const Float4 zero = broadcast4(0.0f);
  const Float4 least = min(min(sheared.edge[0], sheared.edge[1]), sheared.edge[2]);
  const Float4 most = max(max(sheared.edge[0], sheared.edge[1]), sheared.edge[2]);
  return less_equal(zero, least) | less_equal(most, zero);
}

/// Bits of the triangles with an edge value of zero.
OCT_HD u32 zero_edges(const ShearedBlock& sheared) {
  const Float4 zero = broadcast4(0.0f);
  return equal(sheared.edge[0], zero) | equal(sheared.edge[1], zero) | equal(sheared.edge[2], zero);
}

/// Where the line is inside the canonical boxes of four triangles: slab_interval of triangle_box.
struct Interval4 {
  Float4 near, far;
};

OCT_HD Interval4 block_intervals(const TriangleBlock& block, const SlabRay& ray) {
  Float4 lo[3], hi[3];
  Float4 size = broadcast4(0.0f);
  for (u32 axis = 0; axis < 3; ++axis) {
    const Float4 a = load4(block.corner[0][axis]);
    const Float4 b = load4(block.corner[1][axis]);
    const Float4 c = load4(block.corner[2][axis]);
    lo[axis] = min(min(a, b), c);
    hi[axis] = max(max(a, b), c);
    size = max(size, max(abs(lo[axis]), abs(hi[axis])));
  }
  const Float4 pad = broadcast4(kBoxPad) * size;
  Float4 near[3], far[3];
  for (u32 axis = 0; axis < 3; ++axis) {
    const float inverse = component(ray.inverse, axis);
    const Float4 lower = lo[axis] - pad;
    const Float4 upper = hi[axis] + pad;
    near[axis] = ((inverse < 0.0f ? upper : lower) - broadcast4(component(ray.origin_near, axis))) *
                 broadcast4(inverse);
    far[axis] = ((inverse < 0.0f ? lower : upper) - broadcast4(component(ray.origin_far, axis))) *
                broadcast4(inverse);
  }
  return {max(max(near[0], near[1]), near[2]), min(min(far[0], far[1]), far[2]) * broadcast4(kFarStretch)};
}

OCT_HD Vec3 corner_of(const TriangleBlock& block, u32 corner, u32 lane) {
  return {block.corner[corner][0][lane], block.corner[corner][1][lane], block.corner[corner][2][lane]};
}

/// Triangles for which exact products have to decide, one by one.
template <class Query>
__attribute__((noinline)) OCT_HD bool report_one_by_one(const TriangleBlock& block, const Level& level,
                                                        u32 bits, Query& query) {
  for (; bits != 0; bits &= bits - 1) {
    const u32 lane = static_cast<u32>(__builtin_ctz(bits));
    if (report_triangle(level, corner_of(block, 0, lane), corner_of(block, 1, lane),
                        corner_of(block, 2, lane), block.instance[lane], block.primitive[lane], query)) {
      return true;
    }
  }
  return false;
}

/// intersect_triangle for the triangles whose bits are set, none of whose edge values is zero, and the
/// reports.
template <class Query>
OCT_HD bool report_block(const TriangleBlock& block, const ShearedBlock& sheared, const Level& level,
                         u32 bits, Query& query) {
  const Float4 sum = sheared.edge[0] + sheared.edge[1] + sheared.edge[2];
  const Float4 u = sheared.edge[1] / sum;
  const Float4 v = sheared.edge[2] / sum;
  const Float4 z = sheared.z[0] + u * (sheared.z[1] - sheared.z[0]) + v * (sheared.z[2] - sheared.z[0]);
  const Interval4 box = block_intervals(block, level.frame.slab);
  const Float4 in_box = min(max(z * broadcast4(level.frame.inverse_z), box.near), box.far);
  const Float4 t = min(max(in_box, broadcast4(level.range.near)), broadcast4(level.range.far));
  bits &= less_equal(box.near, box.far) & less_equal(t, broadcast4(query.limit()));
  if (bits == 0) return false;
  // goes_clockwise(): a lane that is left has no sum of zero
  const u32 back = less_equal(sum, broadcast4(0.0f)) ^ (level.frame.inverse_z < 0.0f ? 0xfu : 0u);
  alignas(16) float t_of[kBlockWidth], u_of[kBlockWidth], v_of[kBlockWidth];
  store(t_of, t);
  store(u_of, u);
  store(v_of, v);
  for (; bits != 0; bits &= bits - 1) {
    const u32 lane = static_cast<u32>(__builtin_ctz(bits));
    const u32 instance = level.instance == kNone ? block.instance[lane] : level.instance;
    const Hit hit{t_of[lane], u_of[lane], v_of[lane], instance, block.primitive[lane], (back >> lane) & 1u};
    if (query.report(hit)) return true;
  }
  return false;
}

/// True to end the traversal.
template <class Query>
__attribute__((noinline)) OCT_HD bool visit_blocks(const SceneBvh& bvh, const Level& level, u32 ref,
                                                   Query& query) {
  const u32 first = ref & kRefIndexMask;
  const u32 last = first + ((ref >> kRefCountShift) & 3u);
  for (u32 index = first; index <= last; ++index) {
    const TriangleBlock& block = bvh.blocks[index];
    const ShearedBlock sheared = shear_block(block, level.frame);
    u32 bits = agreeing_signs(sheared);
    if (bits == 0) continue;
    const u32 zero = bits & zero_edges(sheared);
    if (zero != 0) {
      if (report_one_by_one(block, level, zero, query)) return true;
      bits &= ~zero;
    }
    if (report_block(block, sheared, level, bits, query)) return true;
  }
  return false;
}

/// Of the children that a ray passes, given by one bit or more, puts the nearest into `ref` (the first of equals) and
/// the others on the stack, the nearest on top. Where order makes no difference the last goes into `ref`, which is the
/// likeliest to block, and those before it on the stack.
template <bool kOrdered>
OCT_HD WaitingChild* push_others(const WideNode& node, u32 bits, Float8 near, WaitingChild* top, u32* ref) {
  const u32 first = static_cast<u32>(__builtin_ctz(bits));
  bits &= bits - 1;
  *ref = node.child[first];
  if (bits == 0) return top;
  alignas(32) float near_of[kBvhWidth];
  store(near_of, near);
  WaitingChild nearest{near_of[first], *ref};
  WaitingChild* const base = top;
  for (; bits != 0; bits &= bits - 1) {
    const u32 slot = static_cast<u32>(__builtin_ctz(bits));
    WaitingChild child{near_of[slot], node.child[slot]};
    WaitingChild* place = top++;
    const bool swap = !kOrdered || child.near < nearest.near;
    const WaitingChild farther{swap ? nearest.near : child.near, swap ? nearest.ref : child.ref};
    nearest = {swap ? child.near : nearest.near, swap ? child.ref : nearest.ref};
    child = farther;
    if (kOrdered) {
      for (; place != base && place[-1].near < child.near; --place) *place = place[-1];
    }
    *place = child;
  }
  *ref = nearest.ref;
  return top;
}

}  // namespace oct::inline OCT_ISA
