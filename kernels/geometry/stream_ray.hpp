#pragma once
#include "geometry/query.hpp"
#include "geometry/simd8.hpp"
#include "geometry/wide_tree.hpp"

// What one of many rays in flight carries between two steps, laid out so that a step reads each number once and
// spreads it over its lanes.

namespace oct::inline OCT_ISA {

/// A ray in the space of one tree: the numbers of RayFrame and Level that tests read. Where a result is only compared,
/// subtractions are turned around so that what is in the tree can be their memory operand, hence minus_inverse: x - y
/// and y - x differ in their signs alone, and where they are zero not even in that. Fourth lanes hold anything.
struct alignas(16) StreamLevel {
  float inverse[4];  ///< of the direction
  float minus_inverse[4];
  float origin_near[4];  ///< see SlabRay
  float origin_far[4];
  float origin_lower[4];  ///< origin_near or origin_far: which of them is for the lower planes of boxes
  float origin_upper[4];
  u32 near_planes[4];  ///< bytes from the start of a WideNode to the near planes of each axis
  u32 far_planes[4];
  float corner_origin[4];      ///< along kx, ky, kz
  float direction_sheared[4];  ///< direction along kx, ky, times inverse_z: the shear
  u32 corner_axes[4];          ///< bytes from a corner of a TriangleBlock to its coordinates along kx, ky, kz
  float inverse_z;
  float lower;                  ///< lower_reach
  float range_near, range_far;  ///< Level::range
  u32 instance;                 ///< added to a block's instances by `or`: 0 in the world
};

/// Where the children that wait begin in the arrays: before them lie so many entries that nobody takes, so that eight
/// can always be looked at, and one that is always in reach and says that the level is done.
inline constexpr u32 kStreamStackPad = 8;
inline constexpr u32 kStreamStackSize = kStreamStackPad + 2 + kWideStackSize + kBvhWidth;
/// Stands below the children of a level; no instance has this number.
inline constexpr u32 kRefLevelDone = kRefInstance | kRefIndexMask;

/// One ray between two steps.
template <class Query>
struct alignas(64) StreamRay {
  StreamLevel level;
  u32 ref;        ///< what the next step visits
  float upper;    ///< upper_reach
  u32 top;        ///< of the stack
  float first_t;  ///< hits before it do not count; those at after_t, only if they are behind `after`
  float after_t;
  u32 exclude_instance, exclude_primitive;
  bool in_instance;
  u64 index;  ///< of the ray
  const Ray* ray;
  Query query;
  Level object;                  ///< while in an instance
  float near[kStreamStackSize];  ///< of the children that wait: where the ray enters their boxes
  u32 refs[kStreamStackSize];
};

/// By axis kz: bytes to the axes kx, ky, kz of a corner, and the lanes that bring a vector into that order.
struct ShearOrder {
  u32 bytes[4], lanes[4];
};
inline constexpr u32 kAxisBytes = kBlockWidth * sizeof(float);
alignas(16) inline constexpr ShearOrder kShearOrders[3] = {
    {{1 * kAxisBytes, 2 * kAxisBytes, 0, 0}, {1, 2, 0, 3}},
    {{2 * kAxisBytes, 0, 1 * kAxisBytes, 0}, {2, 0, 1, 3}},
    {{0, 1 * kAxisBytes, 2 * kAxisBytes, 0}, {0, 1, 2, 3}},
};
inline constexpr u32 kPlaneBytes = kBvhWidth * sizeof(float);
alignas(16) inline constexpr u32 kAxisPlanes[4] = {0, 2 * kPlaneBytes, 4 * kPlaneBytes, 0};
alignas(16) inline constexpr u32 kPlanesTurn[4] = {kPlaneBytes, kPlaneBytes, kPlaneBytes, kPlaneBytes};

/// Four floats of which the first three matter.
OCT_HD Float4 three_of(const Vec3& v) {
  return {_mm_setr_ps(v.x, v.y, v.z, 0.0f)};
}

/// within_limits, for three lanes.
OCT_HD bool lanes_within_limits(Float4 origin, Float4 direction) {
  const u32 inside = less_equal(abs(origin), broadcast4(kCoordinateLimit)) &
                     less_equal(abs(direction), broadcast4(kDirectionMost));
  const u32 long_enough = less_equal(broadcast4(kDirectionLeast), abs(direction));
  return (inside & 7u) == 7u && (long_enough & 7u) != 0;
}

/// slab_inverse, lane by lane.
OCT_HD Float4 lanes_inverse(Float4 direction) {
  const Float4 sign = broadcast4(-0.0f);
  const Float4 floor =
      float_from_bits(bits_of(broadcast4(kDirectionFloor)) | (bits_of(direction) & bits_of(sign)));
  const Float4 is_small = {_mm_cmplt_ps(abs(direction).v, _mm_set1_ps(kDirectionFloor))};
  return broadcast4(1.0f) / select_by_sign(is_small, direction, floor);
}

/// The same numbers as ray_frame(), by four lanes at a time, and its largest axis.
OCT_HD void set_frame(StreamLevel& level, Vec3 ray_origin, Vec3 ray_direction) {
  const Float4 origin = three_of(ray_origin);
  const Float4 direction = three_of(ray_direction);
  const Float4 inverse = lanes_inverse(direction);
  const Float4 sign = broadcast4(-0.0f);
  const Float4 shift = broadcast4(kBoxPad * max_component(abs(ray_origin)));
  const Float4 along = float_from_bits(bits_of(shift) | (bits_of(inverse) & bits_of(sign)));
  const Float4 origin_near = origin + along;
  const Float4 origin_far = origin - along;
  store(level.inverse, inverse);
  store(level.minus_inverse, float_from_bits(bits_of(inverse) ^ bits_of(sign)));
  store(level.origin_near, origin_near);
  store(level.origin_far, origin_far);
  store(level.origin_lower, select_by_sign(inverse, origin_near, origin_far));
  store(level.origin_upper, select_by_sign(inverse, origin_far, origin_near));
  const Int4 near_planes = load_int4(kAxisPlanes) + shifted_left<5>(sign_bit(inverse));
  static_assert(kPlaneBytes == 1u << 5);
  store(level.near_planes, near_planes);
  store(level.far_planes, near_planes ^ load_int4(kPlanesTurn));

  const ShearOrder& order = kShearOrders[largest_axis(ray_direction)];
  const Int4 lanes = load_int4(order.lanes);
  const Float4 ordered_inverse = permuted(inverse, lanes);
  const Float4 inverse_z = {_mm_permute_ps(ordered_inverse.v, 0b10'10'10'10)};
  store(level.corner_origin, permuted(origin, lanes));
  store(level.direction_sheared, permuted(direction, lanes) * inverse_z);
  store(level.corner_axes, load_int4(order.bytes));
  level.inverse_z = _mm_cvtss_f32(inverse_z.v);
}

/// The level of the world; the rest of the ray is set.
template <class Query>
OCT_HD void enter_world(StreamRay<Query>& ray) {
  set_frame(ray.level, ray.ray->origin, ray.ray->direction);
  ray.level.range_near = -kInfinity;
  ray.level.range_far = kInfinity;
  ray.level.instance = 0;
  ray.level.lower = max(ray.ray->t_min, ray.ray->after.t);
  ray.upper = ray.query.limit();
  ray.in_instance = false;
}

/// The level of an instance whose object-space ray is `object`; its children go above what waits in the world.
template <class Query>
OCT_HD void enter_object(StreamRay<Query>& ray, Vec3 origin, Vec3 direction) {
  set_frame(ray.level, origin, direction);
  ray.level.range_near = ray.object.range.near;
  ray.level.range_far = ray.object.range.far;
  ray.level.instance = ray.object.instance;
  ray.level.lower = lower_reach(*ray.ray, ray.object);
  ray.upper = upper_reach(ray.query.limit(), ray.object);
  ray.in_instance = true;
  ray.near[ray.top] = -kInfinity;
  ray.refs[ray.top] = kRefLevelDone;
  ++ray.top;
}

/// Prepares a ray for its first step. False if it can hit nothing; a range without numbers is one of the reasons, since
/// take_highest_in_reach must find that something is in reach.
template <class Query>
OCT_HD bool start_ray(StreamRay<Query>& state, const Ray& ray, u32 root) {
  if (root == kNone || !(ray.t_min <= ray.t_max)) return false;
  if (!lanes_within_limits(three_of(ray.origin), three_of(ray.direction))) return false;
  state.ray = &ray;
  state.first_t = max(ray.t_min, ray.after.t);
  state.after_t = ray.after.t;
  state.exclude_instance = ray.exclude_instance;
  state.exclude_primitive = ray.exclude_primitive;
  state.near[kStreamStackPad] = -kInfinity;
  state.refs[kStreamStackPad] = kRefLevelDone;
  state.top = kStreamStackPad + 1;
  state.ref = root;
  enter_world(state);
  return true;
}

/// Of the eight highest entries below `top`, those that are still in reach: a bit each. The entry below a level always
/// is.
template <class Query>
OCT_HD_INLINE u32 highest_eight_in_reach(const StreamRay<Query>& ray, u32 top) {
  return less_equal(load8_unaligned(ray.near + top - kBvhWidth), broadcast8(ray.upper));
}

/// Goes on to a child that waits; those above it are forgotten.
template <class Query>
OCT_HD_INLINE void take(StreamRay<Query>& ray, u32 place) {
  ray.top = place;
  ray.ref = ray.refs[place];
}

/// Goes on to the highest of the children that wait whose boxes begin in reach.
template <class Query>
OCT_HD_INLINE void take_highest_in_reach(StreamRay<Query>& ray) {
  u32 top = ray.top;
  u32 in_reach = 0;
  do {
    in_reach = highest_eight_in_reach(ray, top);
    top -= kBvhWidth;
  } while (__builtin_expect(in_reach == 0, 0));
  take(ray, top + 31u - static_cast<u32>(__builtin_clz(in_reach)));
}

}  // namespace oct::inline OCT_ISA
