#pragma once
#include "math/vec.hpp"

namespace oct::inline OCT_ISA {

/// The contract's way to move a point: baked vertices, hit points and light samples all go through it.
OCT_HD_INLINE Vec3 transform_point(const Transform& transform, Vec3 p) {
  const float* m = transform.m;
  return {fma(m[2], p.z, fma(m[1], p.y, fma(m[0], p.x, m[3]))),
          fma(m[6], p.z, fma(m[5], p.y, fma(m[4], p.x, m[7]))),
          fma(m[10], p.z, fma(m[9], p.y, fma(m[8], p.x, m[11])))};
}

/// Directions: without translation.
OCT_HD_INLINE Vec3 transform_vector(const Transform& transform, Vec3 v) {
  const float* m = transform.m;
  return {fma(m[2], v.z, fma(m[1], v.y, m[0] * v.x)), fma(m[6], v.z, fma(m[5], v.y, m[4] * v.x)),
          fma(m[10], v.z, fma(m[9], v.y, m[8] * v.x))};
}

/// Normals of A's space brought to B's, given `a_from_b` (multiplies with the transposed inverse); not unit.
OCT_HD_INLINE Vec3 transform_normal(const Transform& a_from_b, Vec3 n) {
  const float* m = a_from_b.m;
  return {fma(m[8], n.z, fma(m[4], n.y, m[0] * n.x)), fma(m[9], n.z, fma(m[5], n.y, m[1] * n.x)),
          fma(m[10], n.z, fma(m[6], n.y, m[2] * n.x))};
}

}  // namespace oct::inline OCT_ISA
