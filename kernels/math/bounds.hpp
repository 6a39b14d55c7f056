#pragma once
#include "math/transform.hpp"

namespace oct::inline OCT_ISA {

/// Around the eight corners of a transformed box; all of space when a corner is not finite.
OCT_HD Bounds3 transform_bounds(const Transform& transform, const Bounds3& bounds) {
  Bounds3 result{splat(kInfinity), splat(-kInfinity)};
  for (u32 corner = 0; corner < 8; ++corner) {
    const Vec3 p = transform_point(transform, {(corner & 1u) != 0 ? bounds.hi.x : bounds.lo.x,
                                               (corner & 2u) != 0 ? bounds.hi.y : bounds.lo.y,
                                               (corner & 4u) != 0 ? bounds.hi.z : bounds.lo.z});
    if (!is_finite(p)) return {splat(-kInfinity), splat(kInfinity)};
    result = {min(result.lo, p), max(result.hi, p)};
  }
  return result;
}

}  // namespace oct::inline OCT_ISA
