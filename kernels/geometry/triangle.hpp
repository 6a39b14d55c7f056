#pragma once
#include "geometry/slab.hpp"

// The watertight triangle test (after Woop, Benthin, Wald 2013): corners are moved to the ray's origin and
// sheared so that the ray becomes the z axis; then the signs of three 2D edge functions decide. An edge
// function is a difference of two products that are rounded separately: its sign is never wrong, it can only
// vanish; zeros are settled by exact products in double. Both triangles at an edge see the same number with
// opposite signs, so no ray slips through. The fused form would not have these properties and is not used
// here.

namespace oct::inline OCT_ISA {

/// What tests in one space share of a ray.
struct RayFrame {
  SlabRay slab;
  Vec3 origin;
  u32 kx, ky, kz;  ///< axes; kz is the largest direction component, the first of equals
  float shear_x, shear_y;
  float inverse_z;  ///< 1 / direction[kz]
};

OCT_HD float component(const Vec3& v, u32 axis) {
#if defined(__CUDA_ARCH__)
  return axis == 0 ? v.x : axis == 1 ? v.y : v.z;  // from registers
#else
  float value;  // from memory, without branches
  __builtin_memcpy(&value, reinterpret_cast<const char*>(&v) + axis * sizeof(float), sizeof(float));
  return value;
#endif
}

/// The first of the largest components.
OCT_HD u32 largest_axis(Vec3 v) {
  const u32 x = bits_of(abs(v.x));
  const u32 y = bits_of(abs(v.y));
  const u32 z = bits_of(abs(v.z));
  const u32 first = y > x ? 1 : 0;
  return z > max(x, y) ? 2 : first;
}

/// x, y, z, and x again.
OCT_HD u32 axis_after(u32 axis) {
  return axis == 2 ? 0 : axis + 1;
}

/// For origin and direction within_limits.
OCT_HD RayFrame ray_frame(Vec3 origin, Vec3 direction) {
  const SlabRay slab = slab_ray(origin, direction);
  const u32 kz = largest_axis(direction);
  const u32 kx = axis_after(kz);
  const u32 ky = axis_after(kx);
  const float inverse_z = component(slab.inverse, kz);
  return {slab,
          origin,
          kx,
          ky,
          kz,
          component(direction, kx) * inverse_z,
          component(direction, ky) * inverse_z,
          inverse_z};
}

/// The components kx, ky, kz, in this order.
OCT_HD Vec3 turned(const RayFrame& frame, const Vec3& v) {
  return {component(v, frame.kx), component(v, frame.ky), component(v, frame.kz)};
}

/// A corner, turned and seen from the ray, with x, y sheared and z as it was.
OCT_HD Vec3 sheared(const RayFrame& frame, Vec3 p) {
  return {p.x - frame.shear_x * p.z, p.y - frame.shear_y * p.z, p.z};
}

/// Edge functions opposite to corners a, b, c.
struct EdgeValues {
  float a, b, c;
};

OCT_HD float edge_function(Vec3 p, Vec3 q) {
  const float left = p.x * q.y;
  const float right = p.y * q.x;
  return left - right;
}

OCT_HD EdgeValues edge_values(Vec3 a, Vec3 b, Vec3 c) {
  return {edge_function(c, b), edge_function(a, c), edge_function(b, a)};
}

OCT_HD bool signs_agree(double a, double b, double c) {
  return (a >= 0.0 && b >= 0.0 && c >= 0.0) || (a <= 0.0 && b <= 0.0 && c <= 0.0);
}

/// Corner weights and distance where the line meets the triangle's plane, before clamping, and the side that
/// it meets.
struct PlaneHit {
  float t, u, v;
  bool back;  ///< corners a, b, c go clockwise, seen along the ray
};

OCT_HD float edge_distance(float inverse_z, Vec3 a, Vec3 b, Vec3 c, float u, float v) {
  const float z = a.z + u * (b.z - a.z) + v * (c.z - a.z);
  return z * inverse_z;
}

/// Whether corners go clockwise, seen along the ray. The edge values, whose sum is not zero, are those of the
/// projection along axis kz, which looks the other way than a ray that goes down that axis.
template <class Real>
OCT_HD bool goes_clockwise(float inverse_z, Real sum_of_edges) {
  return (sum_of_edges < Real{0}) != (inverse_z < 0.0f);
}

/// A PlaneHit, if there is one.
struct SettledEdges {
  bool hits;
  PlaneHit plane;
};

/// For edge values of which at least one is zero: decides with exact products. Corners are sheared.
OCT_HD_CALLED SettledEdges settle_zero_edges(float inverse_z, Vec3 a, Vec3 b, Vec3 c) {
  const auto exact = [](Vec3 p, Vec3 q) {
    const double left = static_cast<double>(p.x) * static_cast<double>(q.y);
    const double right = static_cast<double>(p.y) * static_cast<double>(q.x);
    return left - right;
  };
  const double edge_a = exact(c, b);
  const double edge_b = exact(a, c);
  const double edge_c = exact(b, a);
  const double sum = edge_a + edge_b + edge_c;
  SettledEdges settled{false, {0.0f, 0.0f, 0.0f, false}};
  if (!signs_agree(edge_a, edge_b, edge_c) || sum == 0.0) return settled;
  settled.hits = true;
  settled.plane.u = static_cast<float>(edge_b / sum);
  settled.plane.v = static_cast<float>(edge_c / sum);
  settled.plane.back = goes_clockwise(inverse_z, sum);
  settled.plane.t = edge_distance(inverse_z, a, b, c, settled.plane.u, settled.plane.v);
  return settled;
}

/// Second half of the test, for edge values with agreeing signs. False only if the line is in the triangle's
/// plane or an exact product decides so.
OCT_HD bool plane_hit(const RayFrame& frame, Vec3 a, Vec3 b, Vec3 c, EdgeValues edges, PlaneHit* hit) {
  if (edges.a == 0.0f || edges.b == 0.0f || edges.c == 0.0f) {
    const SettledEdges settled = settle_zero_edges(frame.inverse_z, a, b, c);
    *hit = settled.plane;
    return settled.hits;
  }
  const float sum = edges.a + edges.b + edges.c;
  hit->u = edges.b / sum;
  hit->v = edges.c / sum;
  hit->back = goes_clockwise(frame.inverse_z, sum);
  hit->t = edge_distance(frame.inverse_z, a, b, c, hit->u, hit->v);
  return true;
}

/// Clamps t into the interval of the triangle's canonical box. False if the ray misses it.
OCT_HD bool clamp_to_box(const RayFrame& frame, const Bounds3& canonical, PlaneHit* hit) {
  const Interval box = slab_interval(frame.slab, canonical);
  if (!(box.near <= box.far)) return false;
  hit->t = clamp(hit->t, box.near, box.far);
  return true;
}

/// The hit definition for one triangle in the frame's space: the line passes between its edges and through
/// its canonical box, and t is clamped into the box's interval. Ranges of t are the caller's business.
OCT_HD bool intersect_triangle(const RayFrame& frame, Vec3 corner_a, Vec3 corner_b, Vec3 corner_c,
                               PlaneHit* hit) {
  const Vec3 a = sheared(frame, turned(frame, corner_a - frame.origin));
  const Vec3 b = sheared(frame, turned(frame, corner_b - frame.origin));
  const Vec3 c = sheared(frame, turned(frame, corner_c - frame.origin));
  const EdgeValues edges = edge_values(a, b, c);
  return signs_agree(edges.a, edges.b, edges.c) && plane_hit(frame, a, b, c, edges, hit) &&
         clamp_to_box(frame, triangle_box(corner_a, corner_b, corner_c), hit);
}

/// Triangles that no ray can hit: with two equal corners all edge functions cancel exactly; or beyond the
/// limits.
OCT_HD bool is_hittable(Vec3 a, Vec3 b, Vec3 c) {
  const auto equal = [](Vec3 p, Vec3 q) { return p.x == q.x && p.y == q.y && p.z == q.z; };
  return within_limits(a) && within_limits(b) && within_limits(c) && !equal(a, b) && !equal(b, c) &&
         !equal(c, a);
}

}  // namespace oct::inline OCT_ISA
