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

/// The same for four numbers.
OCT_HD_INLINE void load_vector(const void* address, float numbers[4]) {
#if defined(__CUDA_ARCH__)
  const float4 value = __ldg(static_cast<const float4*>(address));
  numbers[0] = value.x;
  numbers[1] = value.y;
  numbers[2] = value.z;
  numbers[3] = value.w;
#else
  __builtin_memcpy(numbers, address, 4 * sizeof(float));
#endif
}

/// The slab ray, and which way it goes along each axis, as nodes of four want it.
struct CompactRay {
  SlabRay slab;
  u32 down;  ///< kUpperX, kUpperY, kUpperZ, each set where the ray goes down and meets upper planes first
};

OCT_HD CompactRay compact_ray(const SlabRay& slab) {
  return {slab, (slab.inverse.x < 0.0f ? kUpperX : 0u) | (slab.inverse.y < 0.0f ? kUpperY : 0u) |
                    (slab.inverse.z < 0.0f ? kUpperZ : 0u)};
}

/// Near and far planes of the children.
template <u32 kWidth>
struct ChildPlanes {
  float near_x[kWidth], near_y[kWidth], near_z[kWidth];
  float far_x[kWidth], far_y[kWidth], far_z[kWidth];
};

OCT_HD_INLINE void load_planes(const CompactNode<4>* node, const CompactRay& ray, ChildPlanes<4>& planes) {
  const auto at = [node](u64 offset, u32 bit) {
    return reinterpret_cast<const char*>(reinterpret_cast<u64>(node) | bit) + offset;
  };
  constexpr u64 kY = __builtin_offsetof(CompactNode<4>, lower_y);
  constexpr u64 kZ = __builtin_offsetof(CompactNode<4>, lower_z);
  load_vector(at(0, ray.down & kUpperX), planes.near_x);
  load_vector(at(0, ~ray.down & kUpperX), planes.far_x);
  load_vector(at(kY, ray.down & kUpperY), planes.near_y);
  load_vector(at(kY, ~ray.down & kUpperY), planes.far_y);
  load_vector(at(kZ, ray.down & kUpperZ), planes.near_z);
  load_vector(at(kZ, ~ray.down & kUpperZ), planes.far_z);
}

OCT_HD_INLINE void load_axis(const CompactNode<2>* node, u32 axis, bool down, float near[2], float far[2]) {
  float numbers[4];
  load_vector(node->planes[axis], numbers);
  for (u32 i = 0; i < 2; ++i) {
    near[i] = down ? numbers[2 + i] : numbers[i];
    far[i] = down ? numbers[i] : numbers[2 + i];
  }
}
OCT_HD_INLINE void load_planes(const CompactNode<2>* node, const CompactRay& ray, ChildPlanes<2>& planes) {
  load_axis(node, 0, (ray.down & kUpperX) != 0, planes.near_x, planes.far_x);
  load_axis(node, 1, (ray.down & kUpperY) != 0, planes.near_y, planes.far_y);
  load_axis(node, 2, (ray.down & kUpperZ) != 0, planes.near_z, planes.far_z);
}

/// The children of a node, and where a ray enters those that it passes.
template <u32 kWidth>
struct PassedChildren {
  float near[kWidth];  ///< +infinity where it passes the box not at all, or outside of [lower, upper]
  u32 child[kWidth];
};

/// The slab formula for the boxes of a node (docs/decisions/0011-hit-definition.md).
template <u32 kWidth>
OCT_HD PassedChildren<kWidth> pass_compact(const CompactNode<kWidth>* node, const CompactRay& ray,
                                           float lower, float upper) {
  ChildPlanes<kWidth> planes;
  load_planes(node, ray, planes);
  const Quad children = load_vector(reinterpret_cast<const Quad*>(node->child));
  const SlabRay& slab = ray.slab;
  PassedChildren<kWidth> passed;
  for (u32 i = 0; i < kWidth; ++i) {
    const float near_x = (planes.near_x[i] - slab.origin_near.x) * slab.inverse.x;
    const float near_y = (planes.near_y[i] - slab.origin_near.y) * slab.inverse.y;
    const float near_z = (planes.near_z[i] - slab.origin_near.z) * slab.inverse.z;
    const float far_x = (planes.far_x[i] - slab.origin_far.x) * slab.inverse.x;
    const float far_y = (planes.far_y[i] - slab.origin_far.y) * slab.inverse.y;
    const float far_z = (planes.far_z[i] - slab.origin_far.z) * slab.inverse.z;
    const float near = larger(larger(near_x, near_y), larger(near_z, lower));
    const float far = smaller(smaller(smaller(far_x, far_y), far_z) * kFarStretch, upper);
    passed.near[i] = near <= far ? near : kInfinity;
    passed.child[i] = children.word[i];
  }
  return passed;
}

}  // namespace oct::inline OCT_ISA
