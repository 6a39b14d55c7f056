#pragma once
#include "geometry/packet_rays.hpp"

// Boxes against the rays of a packet: eight boxes against bounds of all rays, or one box against each of the rays.

namespace oct::inline OCT_ISA {

/// The slab formula with the numbers of `bounds`, for eight boxes: a lane is set if some ray may pass the child within
/// its reach. `near` is at or before where the first of them enters it.
OCT_HD_INLINE Float8 pass_bounds(const PacketRays& packet, const WideNode& node, Float8* near) {
  const PacketBounds& bounds = packet.bounds;
  const char* const planes = reinterpret_cast<const char*>(&node);
  Float8 nears[3], fars[3];
  for (u32 axis = 0; axis < 3; ++axis) {
    const auto from = [&](u32 offset, float origin) {
      return load8(reinterpret_cast<const float*>(planes + offset)) - broadcast8(origin);
    };
    const Float8 least = broadcast8(bounds.inverse_least[axis]);
    const Float8 most = broadcast8(bounds.inverse_most[axis]);
    const Float8 to_near = from(packet.near_planes[axis], bounds.origin_near[axis]);
    const Float8 to_far = from(packet.far_planes[axis], bounds.origin_far[axis]);
    nears[axis] = min(to_near * least, to_near * most);
    fars[axis] = max(to_far * least, to_far * most);
  }
  *near = max(max(nears[0], nears[1]), max(nears[2], broadcast8(bounds.lower)));
  const Float8 far = min(min(fars[0], fars[1]), fars[2]) * broadcast8(kFarStretch);
  return less_equal_lanes(*near, min(far, broadcast8(bounds.upper)));
}

/// Of eight rays from `first` on, those that pass a box within their reach: a bit each. `planes` is where the box's
/// number is among the first ones of its node.
OCT_HD_INLINE u32 pass_lanes(const PacketRays& packet, u32 first, const char* planes) {
  Float8 near[3], far[3];
  for (u32 axis = 0; axis < 3; ++axis) {
    const auto from = [&](u32 offset, const float* origin) {
      return broadcast8(*reinterpret_cast<const float*>(planes + offset)) - load8(origin + first);
    };
    const Float8 inverse = load8(packet.inverse[axis] + first);
    near[axis] = from(packet.near_planes[axis], packet.origin_near[axis]) * inverse;
    far[axis] = from(packet.far_planes[axis], packet.origin_far[axis]) * inverse;
  }
  const Float8 from = max(max(near[0], near[1]), max(near[2], load8(packet.lower + first)));
  const Float8 to = min(min(far[0], far[1]), far[2]) * broadcast8(kFarStretch);
  return less_equal(from, min(to, load8(packet.upper + first)));
}

/// Of the rays given by `rays`, those that pass the box of a node's child within their reach.
OCT_HD_INLINE u32 pass_child(const PacketRays& packet, const WideNode& node, u32 slot, u32 rays) {
  const char* const planes = reinterpret_cast<const char*>(&node.bounds[0][0][slot]);
  u32 passing = 0;
  for (u32 first = 0; first < kPacketRays; first += kBvhWidth) {
    if ((rays >> first & kAllLanes) != 0) passing |= pass_lanes(packet, first, planes) << first;
  }
  return passing & rays;
}

}  // namespace oct::inline OCT_ISA
