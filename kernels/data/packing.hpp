#pragma once
#include "math/vec.hpp"

// How unit vectors are packed into words.

namespace oct::inline OCT_ISA {

/// One octahedral coordinate: 0 .. 65534 stand for -1 .. 1, so that -1, 0 and 1 are exact; 65535 reads as
/// 65534.
OCT_HD float octahedral_coordinate(u32 bits16) {
  return (static_cast<float>(min(bits16, 65534u)) - 32767.0f) * (1.0f / 32767.0f);
}

/// Unit vector from 2 x 16 bits: low half x, high half y of the octahedron |x| + |y| + |z| = 1 unfolded onto
/// a square (Cigolle et al., A Survey of Efficient Representations for Independent Unit Vectors, JCGT 2014).
OCT_HD Vec3 unpack_normal(u32 word) {
  const float x = octahedral_coordinate(word & 0xffffu);
  const float y = octahedral_coordinate(word >> 16);
  const float z = 1.0f - abs(x) - abs(y);
  // the lower half is folded outward over the diamond's edges
  const float fold = z < 0.0f ? -z : 0.0f;
  return normalize(Vec3{x - copysign(fold, x), y - copysign(fold, y), z});
}

/// Packs a vector of any length but zero: of the four nearest grid points the one whose direction is closest
/// (the first of equals). Angular error at most 5e-5 rad. The zero vector gives +Z.
OCT_HD u32 pack_normal(Vec3 n) {
  const float sum = abs(n.x) + abs(n.y) + abs(n.z);
  if (!(sum > 0.0f) || !is_finite(sum)) return 32767u | 32767u << 16;
  const Vec3 unit = normalize(n / sum);
  Vec3 p = n / sum;
  if (p.z < 0.0f) p = {copysign(1.0f - abs(p.y), p.x), copysign(1.0f - abs(p.x), p.y), p.z};
  const u32 x = to_u32((clamp(p.x, -1.0f, 1.0f) + 1.0f) * 32767.0f);
  const u32 y = to_u32((clamp(p.y, -1.0f, 1.0f) + 1.0f) * 32767.0f);
  u32 best = 0;
  float best_error = kInfinity;
  for (u32 corner = 0; corner < 4; ++corner) {
    const u32 word = min(x + (corner & 1u), 65534u) | min(y + (corner >> 1), 65534u) << 16;
    const float error = length_squared(unpack_normal(word) - unit);  // a cosine would lack the digits
    if (error < best_error) {
      best = word;
      best_error = error;
    }
  }
  return best;
}

}  // namespace oct::inline OCT_ISA
