#pragma once
#include "geometry/packet_rays.hpp"

// How a packet is made of rays.

namespace oct::inline OCT_ISA {

/// Eight rays as they come.
struct RayLanes {
  Float8 origin[3], direction[3];
  Float8 t_min, t_max, after_t;
  Float8 exclude_instance, exclude_primitive;  ///< whole numbers, by their bits
};

/// Four numbers of each of eight rays, from the one at `first` on: all the first ones, all the second ones and so on.
OCT_HD_INLINE void transpose(const float* const rays[kBvhWidth], u32 first, Float8 rows[4]) {
  const auto two_rays = [&](u32 i) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(rays[i] + first)),
                                _mm_loadu_ps(rays[i + 4] + first), 1);
  };
  const __m256 a = two_rays(0), b = two_rays(1), c = two_rays(2), d = two_rays(3);
  const __m256 ab_lower = _mm256_unpacklo_ps(a, b), ab_upper = _mm256_unpackhi_ps(a, b);
  const __m256 cd_lower = _mm256_unpacklo_ps(c, d), cd_upper = _mm256_unpackhi_ps(c, d);
  rows[0] = {_mm256_shuffle_ps(ab_lower, cd_lower, 0b01'00'01'00)};
  rows[1] = {_mm256_shuffle_ps(ab_lower, cd_lower, 0b11'10'11'10)};
  rows[2] = {_mm256_shuffle_ps(ab_upper, cd_upper, 0b01'00'01'00)};
  rows[3] = {_mm256_shuffle_ps(ab_upper, cd_upper, 0b11'10'11'10)};
}

/// Eight rays from `first` on; for those at `count` and after, the ray at 0 again.
OCT_HD_INLINE RayLanes gather_rays(const Ray* rays, u32 first, u32 count) {
  static_assert(__builtin_offsetof(Ray, t_min) == 12 && __builtin_offsetof(Ray, direction) == 16 &&
                __builtin_offsetof(Ray, t_max) == 28 && __builtin_offsetof(Ray, after) == 32 &&
                __builtin_offsetof(Ray, exclude_instance) == 44 && sizeof(Ray) == 52);
  const float* lanes[kBvhWidth];
  for (u32 i = 0; i < kBvhWidth; ++i)
    lanes[i] = reinterpret_cast<const float*>(rays + (first + i < count ? first + i : 0));
  Float8 start[4], way[4], rest[4], last[4];
  transpose(lanes, 0, start);
  transpose(lanes, 4, way);
  transpose(lanes, 8, rest);
  transpose(lanes, 9, last);
  return {
      {start[0], start[1], start[2]}, {way[0], way[1], way[2]}, start[3], way[3], rest[0], last[2], last[3]};
}

/// Whether each of eight rays is within_limits and has a range of numbers that is not empty. Others hit nothing, and
/// what is not a number must not enter bounds.
OCT_HD_INLINE bool can_all_hit(const RayLanes& rays) {
  const Float8 x = abs(rays.direction[0]), y = abs(rays.direction[1]), z = abs(rays.direction[2]);
  u32 inside = less_equal(broadcast8(kDirectionLeast), max(max(x, y), z)) &
               less_equal(rays.t_min, rays.t_max) & equal(rays.after_t, rays.after_t);
  for (u32 axis = 0; axis < 3; ++axis) {
    inside &= less_equal(abs(rays.origin[axis]), broadcast8(kCoordinateLimit)) &
              less_equal(abs(rays.direction[axis]), broadcast8(kDirectionMost));
  }
  return inside == kAllLanes;
}

/// slab_inverse, lane by lane.
OCT_HD_INLINE Float8 lanes_inverse(Float8 direction) {
  const Float8 floor = with_signs(broadcast8(kDirectionFloor), direction);
  const Float8 is_small = less_lanes(abs(direction), broadcast8(kDirectionFloor));
  return broadcast8(1.0f) / select_by_sign(is_small, direction, floor);
}

/// What the rays of a packet must share.
struct PacketClass {
  u32 down[3];  ///< by axis, a bit a lane: the direction is negative
  u32 kz;
  bool is_one;  ///< the lanes share it
};

OCT_HD_INLINE bool all_or_none(u32 lanes) {
  return lanes == 0 || lanes == kAllLanes;
}

/// The largest axis of each direction as largest_axis() finds it, and the signs.
OCT_HD_INLINE PacketClass class_of(const RayLanes& rays) {
  const Float8 x = abs(rays.direction[0]), y = abs(rays.direction[1]), z = abs(rays.direction[2]);
  const u32 y_longer = sign_bits(less_lanes(x, y));
  const u32 z_longest = sign_bits(less_lanes(max(x, y), z));
  PacketClass c{};
  c.kz = z_longest != 0 ? 2 : y_longer != 0 ? 1 : 0;
  c.is_one = all_or_none(z_longest) && (z_longest != 0 || all_or_none(y_longer));
  for (u32 axis = 0; axis < 3; ++axis) {
    c.down[axis] = sign_bits(rays.direction[axis]);
    c.is_one = c.is_one && all_or_none(c.down[axis]);
  }
  return c;
}

OCT_HD_INLINE bool are_same(const PacketClass& a, const PacketClass& b) {
  return a.kz == b.kz && a.down[0] == b.down[0] && a.down[1] == b.down[1] && a.down[2] == b.down[2];
}

/// The numbers of ray_frame() and of the ray's range, for lanes from `first` on.
OCT_HD_INLINE void set_lanes(PacketRays& packet, u32 first, const RayLanes& rays, u32 kz) {
  const Float8 size = max(max(abs(rays.origin[0]), abs(rays.origin[1])), abs(rays.origin[2]));
  const Float8 shift = broadcast8(kBoxPad) * size;
  for (u32 axis = 0; axis < 3; ++axis) {
    const Float8 inverse = lanes_inverse(rays.direction[axis]);
    const Float8 along = with_signs(shift, inverse);
    store(packet.inverse[axis] + first, inverse);
    store(packet.origin_near[axis] + first, rays.origin[axis] + along);
    store(packet.origin_far[axis] + first, rays.origin[axis] - along);
  }
  const u32 kx = axis_after(kz), ky = axis_after(kx);
  const Float8 inverse_z = lanes_inverse(rays.direction[kz]);
  store(packet.shear[0] + first, rays.direction[kx] * inverse_z);
  store(packet.shear[1] + first, rays.direction[ky] * inverse_z);
  store(packet.corner_origin[0] + first, rays.origin[kx]);
  store(packet.corner_origin[1] + first, rays.origin[ky]);
  store(packet.corner_origin[2] + first, rays.origin[kz]);
  store(packet.lower + first, max(rays.t_min, rays.after_t));
  store(packet.upper + first, rays.t_max);
  store(reinterpret_cast<float*>(packet.exclude_instance) + first, rays.exclude_instance);
  store(reinterpret_cast<float*>(packet.exclude_primitive) + first, rays.exclude_primitive);
}

/// What the rays share, and their bounds; the lanes are set.
OCT_HD_INLINE void set_shared(PacketRays& packet, const PacketClass& shared) {
  constexpr u32 kSide = kBvhWidth * sizeof(float);
  PacketBounds& bounds = packet.bounds;
  for (u32 axis = 0; axis < 3; ++axis) {
    const bool down = shared.down[axis] != 0;
    packet.is_down[axis] = down;
    packet.near_planes[axis] = 2 * kSide * axis + (down ? kSide : 0);
    packet.far_planes[axis] = 2 * kSide * axis + (down ? 0 : kSide);
    const float* const near = packet.origin_near[axis];
    const float* const far = packet.origin_far[axis];
    bounds.origin_near[axis] = down ? least_of_packet(near) : most_of_packet(near);
    bounds.origin_far[axis] = down ? most_of_packet(far) : least_of_packet(far);
    bounds.inverse_least[axis] = least_of_packet(packet.inverse[axis]);
    bounds.inverse_most[axis] = most_of_packet(packet.inverse[axis]);
  }
  bounds.lower = least_of_packet(packet.lower);
  bounds.upper = most_of_packet(packet.upper);
  packet.axes[0] = axis_after(shared.kz);
  packet.axes[1] = axis_after(packet.axes[0]);
  packet.axes[2] = shared.kz;
}

/// Makes a packet of `count` rays, 1 to kPacketRays; lanes for which there are none repeat the first. False if the rays
/// do not share what they must, or one of them can hit nothing.
OCT_HD bool set_packet(PacketRays& packet, const Ray* rays, u32 count) {
  PacketClass shared{};
  for (u32 first = 0; first < kPacketRays; first += kBvhWidth) {
    const RayLanes lanes = gather_rays(rays, first, count);
    const PacketClass own = class_of(lanes);
    if (!own.is_one || !can_all_hit(lanes) || (first != 0 && !are_same(own, shared))) return false;
    shared = own;
    set_lanes(packet, first, lanes, own.kz);
  }
  set_shared(packet, shared);
  return true;
}

}  // namespace oct::inline OCT_ISA
