#pragma once
#include "geometry/query.hpp"

// What a visit to a compact node computes: which of its boxes a ray passes, and where it enters them. Straight
// code without branches, so that the threads of a warp stay together.

namespace oct::inline OCT_ISA {

/// The larger and the smaller of two numbers, neither of them NaN: one instruction on GPUs. Of zeros of two signs
/// either may come, so what these give is only compared.
OCT_HD_INLINE float larger(float a, float b) {
#if defined(__CUDA_ARCH__)
  return fmaxf(a, b);
#else
  return max(a, b);
#endif
}
OCT_HD_INLINE float smaller(float a, float b) {
#if defined(__CUDA_ARCH__)
  return fminf(a, b);
#else
  return min(a, b);
#endif
}

/// Reads 16 bytes at once, of memory that no kernel writes meanwhile.
OCT_HD_INLINE Quad load_vector(const Quad* address) {
#if defined(__CUDA_ARCH__)
  const uint4 value = __ldg(reinterpret_cast<const uint4*>(address));
  return {{value.x, value.y, value.z, value.w}};
#else
  Quad value;
  __builtin_memcpy(&value, address, sizeof value);
  return value;
#endif
}

/// The same for plain data made of such pieces.
template <class T>
OCT_HD_INLINE T load_vectors(const T* address) {
  static_assert(sizeof(T) % sizeof(Quad) == 0 && alignof(T) >= alignof(Quad));
  struct Pieces {
    Quad quad[sizeof(T) / sizeof(Quad)];
  } pieces;
  for (u32 i = 0; i < sizeof(T) / sizeof(Quad); ++i) {
    pieces.quad[i] = load_vector(reinterpret_cast<const Quad*>(address) + i);
  }
  return __builtin_bit_cast(T, pieces);
}

/// Near and far planes of the children on one axis.
template <u32 kWidth>
struct AxisPlanes {
  float near[kWidth], far[kWidth];
};

/// Loads them for a ray that goes down the axis, or up. Four children have each in 16 bytes of their own: then it
/// is the address that depends on the ray. Two share theirs.
OCT_HD_INLINE AxisPlanes<4> load_planes(const CompactNode<4>* node, u32 axis, bool down) {
  const Quad* const quads = reinterpret_cast<const Quad*>(node) + axis * 2;
  const u32 first = down ? 1u : 0u;
  const Quad near = load_vector(quads + first);
  const Quad far = load_vector(quads + (first ^ 1u));
  AxisPlanes<4> planes;
  for (u32 i = 0; i < 4; ++i) {
    planes.near[i] = float_from_bits(near.word[i]);
    planes.far[i] = float_from_bits(far.word[i]);
  }
  return planes;
}
OCT_HD_INLINE AxisPlanes<2> load_planes(const CompactNode<2>* node, u32 axis, bool down) {
  const Quad both = load_vector(reinterpret_cast<const Quad*>(node) + axis);
  AxisPlanes<2> planes;
  for (u32 i = 0; i < 2; ++i) {
    const float lower = float_from_bits(both.word[i]);
    const float upper = float_from_bits(both.word[2 + i]);
    planes.near[i] = down ? upper : lower;
    planes.far[i] = down ? lower : upper;
  }
  return planes;
}

/// The children of a node, and where a ray enters those that it passes.
template <u32 kWidth>
struct PassedChildren {
  float near[kWidth];  ///< +infinity where it passes the box not at all, or outside of [lower, upper]
  u32 child[kWidth];
};

/// The slab formula for the boxes of a node (docs/decisions/0011-hit-definition.md).
template <u32 kWidth>
OCT_HD PassedChildren<kWidth> pass_compact(const CompactNode<kWidth>* node, const SlabRay& ray, float lower,
                                           float upper) {
  const AxisPlanes<kWidth> x = load_planes(node, 0, ray.inverse.x < 0.0f);
  const AxisPlanes<kWidth> y = load_planes(node, 1, ray.inverse.y < 0.0f);
  const AxisPlanes<kWidth> z = load_planes(node, 2, ray.inverse.z < 0.0f);
  const Quad children = load_vector(reinterpret_cast<const Quad*>(node->child));
  PassedChildren<kWidth> passed;
  for (u32 i = 0; i < kWidth; ++i) {
    const float near_x = (x.near[i] - ray.origin_near.x) * ray.inverse.x;
    const float near_y = (y.near[i] - ray.origin_near.y) * ray.inverse.y;
    const float near_z = (z.near[i] - ray.origin_near.z) * ray.inverse.z;
    const float far_x = (x.far[i] - ray.origin_far.x) * ray.inverse.x;
    const float far_y = (y.far[i] - ray.origin_far.y) * ray.inverse.y;
    const float far_z = (z.far[i] - ray.origin_far.z) * ray.inverse.z;
    const float near = larger(larger(near_x, near_y), larger(near_z, lower));
    const float far = smaller(smaller(smaller(far_x, far_y), far_z) * kFarStretch, upper);
    passed.near[i] = near <= far ? near : kInfinity;
    passed.child[i] = children.word[i];
  }
  return passed;
}

}  // namespace oct::inline OCT_ISA
