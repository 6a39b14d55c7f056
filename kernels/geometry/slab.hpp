#pragma once
#include "math/transform.hpp"

// The one slab formula of the hit definition, and the boxes it is defined for. Every step is a rounded
// monotone function of the box, so a box that encloses another is passed whenever the inner one is, over a
// wider interval: that is why hits do not depend on the structure that found them
// (docs/decisions/0011-hit-definition.md).

namespace oct::inline OCT_ISA {

/// Corners and ray origins beyond it, per coordinate, are never hit and hit nothing; all products stay
/// finite.
inline constexpr float kCoordinateLimit = 1e18f;
/// A ray hits only if the largest component of its direction is within these.
inline constexpr float kDirectionLeast = 1e-18f;
inline constexpr float kDirectionMost = 1e18f;
/// Smaller direction components count as this, so that no reciprocal is infinite.
inline constexpr float kDirectionFloor = 1e-30f;
/// Boxes of triangles are padded, and the origin of rays shifted, by this share of their largest coordinate:
/// 16 u. Twice what the error of the triangle test needs.
inline constexpr float kBoxPad = 16.0f * kRoundoff;
/// World boxes of instances are padded by more, for the rounding of the two transforms: 32 u.
inline constexpr float kInstancePad = 32.0f * kRoundoff;
/// Far distances are stretched by 8 u.
inline constexpr float kFarStretch = 1.0f + 8.0f * kRoundoff;

/// What the slab formula reads of a ray.
struct SlabRay {
  Vec3 inverse;      ///< of the direction; finite, not zero
  Vec3 origin_near;  ///< shifted along the direction: near planes come earlier
  Vec3 origin_far;   ///< shifted against it: far planes come later
};

/// Where a line is inside a box, in units of its direction; empty when not near <= far.
struct Interval {
  float near, far;
};

OCT_HD_INLINE float slab_inverse(float direction) {
  return 1.0f / (abs(direction) < kDirectionFloor ? copysign(kDirectionFloor, direction) : direction);
}

OCT_HD_INLINE SlabRay slab_ray(Vec3 origin, Vec3 direction) {
  const Vec3 inverse{slab_inverse(direction.x), slab_inverse(direction.y), slab_inverse(direction.z)};
  const float shift = kBoxPad * max_component(abs(origin));
  const Vec3 along{copysign(shift, inverse.x), copysign(shift, inverse.y), copysign(shift, inverse.z)};
  return {inverse, origin + along, origin - along};
}

/// The slab formula.
OCT_HD_INLINE Interval slab_interval(const SlabRay& ray, const Bounds3& box) {
  const Vec3 near{ray.inverse.x < 0.0f ? box.hi.x : box.lo.x, ray.inverse.y < 0.0f ? box.hi.y : box.lo.y,
                  ray.inverse.z < 0.0f ? box.hi.z : box.lo.z};
  const Vec3 far{ray.inverse.x < 0.0f ? box.lo.x : box.hi.x, ray.inverse.y < 0.0f ? box.lo.y : box.hi.y,
                 ray.inverse.z < 0.0f ? box.lo.z : box.hi.z};
  const Vec3 t_near = (near - ray.origin_near) * ray.inverse;
  const Vec3 t_far = (far - ray.origin_far) * ray.inverse;
  return {max(max(t_near.x, t_near.y), t_near.z), min(min(t_far.x, t_far.y), t_far.z) * kFarStretch};
}

/// Whether rays of this origin and direction can hit anything; false for NaN.
OCT_HD_INLINE bool within_limits(Vec3 origin, Vec3 direction) {
  const float longest = max_component(abs(direction));
  return abs(origin.x) <= kCoordinateLimit && abs(origin.y) <= kCoordinateLimit &&
         abs(origin.z) <= kCoordinateLimit && abs(direction.x) <= kDirectionMost &&
         abs(direction.y) <= kDirectionMost && abs(direction.z) <= kDirectionMost &&
         longest >= kDirectionLeast;
}

OCT_HD_INLINE bool within_limits(Vec3 corner) {
  return abs(corner.x) <= kCoordinateLimit && abs(corner.y) <= kCoordinateLimit &&
         abs(corner.z) <= kCoordinateLimit;
}

OCT_HD_INLINE Bounds3 padded(const Bounds3& box, float pad) {
  return {{box.lo.x - pad, box.lo.y - pad, box.lo.z - pad}, {box.hi.x + pad, box.hi.y + pad, box.hi.z + pad}};
}

OCT_HD_INLINE Bounds3 merged(const Bounds3& a, const Bounds3& b) {
  return {min(a.lo, b.lo), max(a.hi, b.hi)};
}

OCT_HD_INLINE bool encloses(const Bounds3& outer, const Bounds3& inner) {
  return outer.lo.x <= inner.lo.x && outer.lo.y <= inner.lo.y && outer.lo.z <= inner.lo.z &&
         outer.hi.x >= inner.hi.x && outer.hi.y >= inner.hi.y && outer.hi.z >= inner.hi.z;
}

/// Encloses nothing; passed by no ray.
OCT_HD_INLINE Bounds3 empty_bounds() {
  return {splat(kInfinity), splat(-kInfinity)};
}

OCT_HD_INLINE Bounds3 corner_bounds(Vec3 a, Vec3 b, Vec3 c) {
  return {min(min(a, b), c), max(max(a, b), c)};
}

/// By which the canonical box of a triangle exceeds these bounds of its corners.
OCT_HD_INLINE float triangle_pad(const Bounds3& corners) {
  return kBoxPad * max(max_component(abs(corners.lo)), max_component(abs(corners.hi)));
}

/// The canonical box of a triangle.
OCT_HD_INLINE Bounds3 triangle_box(Vec3 a, Vec3 b, Vec3 c) {
  const Bounds3 tight = corner_bounds(a, b, c);
  return padded(tight, triangle_pad(tight));
}

/// Sum of the magnitudes that transform_point adds up: bounds its rounding error.
OCT_HD_INLINE float transform_magnitude(const Transform& transform, Vec3 p) {
  float most = 0.0f;
  for (u32 row = 0; row < 12; row += 4) {
    const float* m = transform.m + row;
    most = max(most, abs(m[0] * p.x) + abs(m[1] * p.y) + abs(m[2] * p.z) + abs(m[3]));
  }
  return most;
}

/// The canonical world box of an instance of a mesh with these object-space bounds (of its triangles'
/// canonical boxes).
OCT_HD_INLINE Bounds3 instance_box(const Transform& world_from_object, const Bounds3& object) {
  Bounds3 world = empty_bounds();
  float magnitude = 0.0f;
  for (u32 corner = 0; corner < 8; ++corner) {
    const Vec3 p{(corner & 1) != 0 ? object.hi.x : object.lo.x, (corner & 2) != 0 ? object.hi.y : object.lo.y,
                 (corner & 4) != 0 ? object.hi.z : object.lo.z};
    const Vec3 moved = transform_point(world_from_object, p);
    world = {min(world.lo, moved), max(world.hi, moved)};
    magnitude = max(magnitude, transform_magnitude(world_from_object, p));
  }
  return padded(world, kInstancePad * magnitude);
}

/// An instance whose canonical box leaves the limits is never hit.
OCT_HD_INLINE bool is_hittable(const Bounds3& box) {
  return within_limits(box.lo) && within_limits(box.hi);
}

}  // namespace oct::inline OCT_ISA
