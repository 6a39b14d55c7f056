#pragma once
#include "geometry/query.hpp"
#include "geometry/simd8.hpp"
#include "geometry/wide_tree.hpp"

// Rays that go much the same way, side by side: what a walk of all of them together reads.

namespace oct::inline OCT_ISA {

inline constexpr u32 kPacketVectors = 2;
/// Rays that are walked together; measured: 8 take 5 to 10 % longer, 32 make no more than 3 % of difference.
inline constexpr u32 kPacketRays = kPacketVectors * kBvhWidth;
/// A bit for each ray of a packet.
inline constexpr u32 kAllRays = (1u << kPacketRays) - 1;
inline constexpr u32 kAllLanes = (1u << kBvhWidth) - 1;

/// Numbers for the slab formula, along x, y, z, with which it gives near values at or before those of each ray of a
/// packet, and far values at or behind them (docs/decisions/0041-packets-of-camera-rays.md).
struct PacketBounds {
  float origin_near[3], origin_far[3];      ///< the ones that make near values least and far values greatest
  float inverse_least[3], inverse_most[3];  ///< of one sign
  float lower;                              ///< no ray's reach begins before it
  float upper;                              ///< no ray's reach goes beyond it
};

/// Rays in the world whose directions have the same signs and the same largest axis: the numbers of RayFrame and Ray
/// that tests read.
struct alignas(64) PacketRays {
  float inverse[3][kPacketRays];  ///< of the direction
  float origin_near[3][kPacketRays];
  float origin_far[3][kPacketRays];
  float lower[kPacketRays];             ///< hits before it do not count
  float upper[kPacketRays];             ///< nor do those behind it
  float corner_origin[3][kPacketRays];  ///< along kx, ky, kz
  float shear[2][kPacketRays];
  u32 exclude_instance[kPacketRays], exclude_primitive[kPacketRays];
  u32 near_planes[3], far_planes[3];  ///< bytes from the start of a WideNode to the planes of each axis
  u32 axes[3];                        ///< kx, ky, kz
  bool is_down[3];                    ///< by axis: directions are negative
  PacketBounds bounds;
};

/// The least and the most of a packet's numbers.
OCT_HD_INLINE float least_of_packet(const float* numbers) {
  static_assert(kPacketVectors == 2);
  return least_lane(min(load8(numbers), load8(numbers + kBvhWidth)));
}
OCT_HD_INLINE float most_of_packet(const float* numbers) {
  return most_lane(max(load8(numbers), load8(numbers + kBvhWidth)));
}

}  // namespace oct::inline OCT_ISA
