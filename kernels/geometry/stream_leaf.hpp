#pragma once
#include "geometry/stream_ray.hpp"
#include "geometry/wide_nodes.hpp"

// One leaf step of a ray in flight: four triangles. Most are missed, or are the one that the ray left, so the division
// and the canonical boxes wait until a hit is likely.

namespace oct::inline OCT_ISA {

/// Four triangles seen from the ray. The signs of x and y are reversed, which products of two of them do not show.
OCT_HD_INLINE ShearedBlock shear_block(const StreamLevel& level, const TriangleBlock& block) {
  const char* const corners = reinterpret_cast<const char*>(&block);
  const auto along = [&](u32 axis, u32 corner) {
    return load4(reinterpret_cast<const float*>(corners + level.corner_axes[axis] + corner * 3 * kAxisBytes));
  };
  const Float4 origin_x = broadcast4(level.corner_origin[0]);
  const Float4 origin_y = broadcast4(level.corner_origin[1]);
  const Float4 origin_z = broadcast4(level.corner_origin[2]);
  const Float4 shear_x = broadcast4(level.direction_sheared[0]);
  const Float4 shear_y = broadcast4(level.direction_sheared[1]);
  ShearedBlock sheared;
  Float4 x[3], y[3];
  for (u32 i = 0; i < 3; ++i) {
    sheared.z[i] = along(2, i) - origin_z;
    x[i] = (origin_x - along(0, i)) + shear_x * sheared.z[i];
    y[i] = (origin_y - along(1, i)) + shear_y * sheared.z[i];
  }
  sheared.edge[0] = x[2] * y[1] - y[2] * x[1];
  sheared.edge[1] = x[0] * y[2] - y[0] * x[2];
  sheared.edge[2] = x[1] * y[0] - y[1] * x[0];
  return sheared;
}

/// The triangle that the ray left.
template <class Query>
OCT_HD_INLINE u32 excluded(const StreamRay<Query>& ray, const TriangleBlock& block) {
  const Int4 instances = load_int4(block.instance) | broadcast_int4(ray.level.instance);
  return equal(instances, broadcast_int4(ray.exclude_instance)) &
         equal(load_int4(block.primitive), broadcast_int4(ray.exclude_primitive));
}

/// Where the line is inside the canonical boxes of four triangles. The lower and the upper plane of a box that is not
/// empty come in the order of their distances, so that no sign needs to be looked at.
OCT_HD_INLINE Interval4 block_intervals(const StreamLevel& level, const TriangleBlock& block) {
  const Float4 pad = load4(block.pad);
  Float4 near = broadcast4(-kInfinity);
  Float4 far = broadcast4(kInfinity);
  for (u32 axis = 0; axis < 3; ++axis) {
    const Float4 a = load4(block.corner[0][axis]);
    const Float4 b = load4(block.corner[1][axis]);
    const Float4 c = load4(block.corner[2][axis]);
    const Float4 inverse = broadcast4(level.inverse[axis]);
    const Float4 lower = ((min(min(a, b), c) - pad) - broadcast4(level.origin_lower[axis])) * inverse;
    const Float4 upper = ((max(max(a, b), c) + pad) - broadcast4(level.origin_upper[axis])) * inverse;
    near = max(near, min(lower, upper));
    far = min(far, max(lower, upper));
  }
  return {near, far * broadcast4(kFarStretch)};
}

/// The lanes whose bits are set.
alignas(16) inline constexpr u32 kLanesOf[16][4] = {
    {0, 0, 0, 0},     {~0u, 0, 0, 0},     {0, ~0u, 0, 0},     {~0u, ~0u, 0, 0},
    {0, 0, ~0u, 0},   {~0u, 0, ~0u, 0},   {0, ~0u, ~0u, 0},   {~0u, ~0u, ~0u, 0},
    {0, 0, 0, ~0u},   {~0u, 0, 0, ~0u},   {0, ~0u, 0, ~0u},   {~0u, ~0u, 0, ~0u},
    {0, 0, ~0u, ~0u}, {~0u, 0, ~0u, ~0u}, {0, ~0u, ~0u, ~0u}, {~0u, ~0u, ~0u, ~0u},
};

/// Hits of four triangles; lanes whose bit is not set hold anything.
struct BlockHits {
  u32 bits;
  Float4 t, u, v, sum;  ///< sum of the edge values
};

/// The rest of the triangle test and of an instance's rule for the triangles given by `bits`, none of whose edge
/// values is zero.
template <class Query>
OCT_HD_INLINE BlockHits block_hits(const StreamRay<Query>& ray, const TriangleBlock& block,
                                   const ShearedBlock& sheared, u32 bits) {
  const StreamLevel& level = ray.level;
  const Float4 sum = sheared.edge[0] + sheared.edge[1] + sheared.edge[2];
  const Float4 u = sheared.edge[1] / sum;
  const Float4 v = sheared.edge[2] / sum;
  const Float4 z = sheared.z[0] + u * (sheared.z[1] - sheared.z[0]) + v * (sheared.z[2] - sheared.z[0]);
  const Interval4 box = block_intervals(level, block);
  const Float4 in_box = min(max(z * broadcast4(level.inverse_z), box.near), box.far);
  const Float4 t = min(max(in_box, broadcast4(level.range_near)), broadcast4(level.range_far));
  bits &= less_equal(box.near, box.far) & less_equal(t, broadcast4(ray.query.limit())) &
          less_equal(broadcast4(ray.first_t), t);
  return {bits, t, u, v, sum};
}

/// Those of the hits that can be the least of the block: where that is what the query asks for, and none needs to be
/// compared with `after`, the ones with the least t.
template <class Query>
OCT_HD_INLINE u32 worth_reporting(const StreamRay<Query>& ray, const BlockHits& hits) {
  if (!Query::kOrdered || (hits.bits & equal(hits.t, broadcast4(ray.after_t))) != 0) return hits.bits;
  const Float4 counted =
      select_by_sign(float_from_bits(load_int4(kLanesOf[hits.bits])), broadcast4(kInfinity), hits.t);
  return hits.bits & equal(hits.t, least_of(counted));
}

/// Reports hits. True to end the traversal.
template <class Query>
OCT_HD_INLINE bool report_hits(StreamRay<Query>& ray, const TriangleBlock& block, const BlockHits& hits) {
  alignas(16) float t[kBlockWidth], u[kBlockWidth], v[kBlockWidth];
  store(t, hits.t);
  store(u, hits.u);
  store(v, hits.v);
  const u32 clockwise = less_equal(hits.sum, broadcast4(0.0f)) ^ (ray.level.inverse_z < 0.0f ? 0xfu : 0u);
  for (u32 bits = worth_reporting(ray, hits); bits != 0; bits &= bits - 1) {
    const u32 lane = static_cast<u32>(__builtin_ctz(bits));
    const u32 instance = block.instance[lane] | ray.level.instance;
    if (ray.query.report(
            {t[lane], u[lane], v[lane], instance, block.primitive[lane], clockwise >> lane & 1u})) {
      return true;
    }
  }
  return false;
}

/// Triangles with an edge value of zero, by exact products.
template <class Query>
__attribute__((noinline)) OCT_HD bool report_zero_edges(StreamRay<Query>& ray, const TriangleBlock& block,
                                                        u32 bits) {
  const Level level = ray.in_instance ? ray.object : world_level(*ray.ray);
  return report_one_by_one(block, level, bits, ray.query);
}

/// Visits one block of triangles. True to end the traversal.
template <class Query>
OCT_HD_INLINE bool visit_block(StreamRay<Query>& ray, const TriangleBlock& block) {
  const ShearedBlock sheared = shear_block(ray.level, block);
  u32 bits = agreeing_signs(sheared) & ~excluded(ray, block);
  if (bits == 0) return false;
  const u32 zero = bits & zero_edges(sheared);
  if (__builtin_expect(zero != 0, 0) && report_zero_edges(ray, block, zero)) return true;
  const BlockHits hits = block_hits(ray, block, sheared, bits & ~zero);
  const bool ends = hits.bits != 0 && report_hits(ray, block, hits);
  const float limit = ray.query.limit();
  ray.upper = limit < ray.level.range_far ? limit : kInfinity;
  return ends;
}

}  // namespace oct::inline OCT_ISA
