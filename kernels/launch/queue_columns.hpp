#pragma once
#include "geometry/compact_nodes.hpp"
#include "launch/queue_work.hpp"
#include "path/stages.hpp"

// Paths, hits and light samples to columns of 16 bytes and back: neighbouring threads read and write neighbouring
// pieces, each at once. What most of them have not got - a hit to go on behind, a medium - costs them nothing.

namespace oct::inline OCT_ISA {

/// Writes 16 bytes at once.
OCT_HD_INLINE void store_vector(Quad* address, const Quad& value) {
#if defined(__CUDA_ARCH__)
  *reinterpret_cast<uint4*>(address) = make_uint4(value.word[0], value.word[1], value.word[2], value.word[3]);
#else
  *address = value;
#endif
}

OCT_HD Quad quad_of(Vec3 vector, u32 last) {
  return {{bits_of(vector.x), bits_of(vector.y), bits_of(vector.z), last}};
}

OCT_HD Vec3 vector_of(const Quad& quad) {
  return {float_from_bits(quad.word[0]), float_from_bits(quad.word[1]), float_from_bits(quad.word[2])};
}

/// Where the light of a path goes.
struct PathPlace {
  u32 unit;     ///< index in the ring
  u32 in_tile;  ///< the pixel's number in the unit's tile
};

/// Whose a path is.
struct PathIdentity {
  u32 pixel, sample, depth;
  PathPlace place;
};

/// A path and its place.
struct QueuedPath {
  PathState state;
  PathPlace place;
};

OCT_HD void store_path(const PathColumns& columns, u32 index, const PathState& state, PathPlace place) {
  const bool straight_on = state.after.t >= 0.0f;
  const bool in_medium = top_medium(state.media) != kNone;
  const u32 flags = (straight_on ? u32{kGoesStraightOn} : 0u) | (in_medium ? u32{kIsInMedium} : 0u);
  const u32 last = state.depth | place.in_tile << kInTileShift | flags;
  store_vector(columns.origin + index, quad_of(state.origin, state.left_instance));
  store_vector(columns.direction + index, quad_of(state.direction, state.left_primitive));
  store_vector(columns.throughput + index, quad_of(state.throughput, bits_of(state.bsdf_pdf)));
  store_vector(columns.identity + index, {{state.pixel, state.sample, place.unit, last}});
  if (straight_on) {
    store_vector(columns.after + index,
                 {{bits_of(state.after.t), state.after.instance, state.after.primitive, 0}});
  }
  if (in_medium) {
    const u32* const media = state.media.materials;
    store_vector(columns.media + index, {{media[0], media[1], media[2], media[3]}});
  }
}

/// The hit behind which a ray goes on.
///   last  word of the path's identity
OCT_HD HitKey load_after(const PathColumns& columns, u32 index, u32 last) {
  if ((last & kGoesStraightOn) == 0) return {-1.0f, 0, 0};
  const Quad after = load_vector(columns.after + index);
  return {float_from_bits(after.word[0]), after.word[1], after.word[2]};
}

OCT_HD MediumStack load_media(const PathColumns& columns, u32 index, u32 last) {
  if ((last & kIsInMedium) == 0) return no_media();
  const Quad media = load_vector(columns.media + index);
  return {{media.word[0], media.word[1], media.word[2], media.word[3]}};
}

OCT_HD PathIdentity identity_of(const Quad& quad) {
  const u32 last = quad.word[3];
  return {quad.word[0], quad.word[1], last & kDepthMask, {quad.word[2], last >> kInTileShift & kInTileMask}};
}

OCT_HD PathIdentity load_identity(const PathColumns& columns, u32 index) {
  return identity_of(load_vector(columns.identity + index));
}

OCT_HD QueuedPath load_path(const PathColumns& columns, u32 index) {
  const Quad origin = load_vector(columns.origin + index);
  const Quad direction = load_vector(columns.direction + index);
  const Quad throughput = load_vector(columns.throughput + index);
  const Quad quad = load_vector(columns.identity + index);
  const PathIdentity identity = identity_of(quad);
  QueuedPath path;
  path.state.origin = vector_of(origin);
  path.state.direction = vector_of(direction);
  path.state.after = load_after(columns, index, quad.word[3]);
  path.state.left_instance = origin.word[3];
  path.state.left_primitive = direction.word[3];
  path.state.throughput = vector_of(throughput);
  path.state.bsdf_pdf = float_from_bits(throughput.word[3]);
  path.state.pixel = identity.pixel;
  path.state.sample = identity.sample;
  path.state.depth = identity.depth;
  path.state.media = load_media(columns, index, quad.word[3]);
  path.place = identity.place;
  return path;
}

/// The ray of a path, but for what accepts_hit() asks.
OCT_HD Ray load_ray(const PathColumns& columns, u32 index) {
  const Quad origin = load_vector(columns.origin + index);
  const Quad direction = load_vector(columns.direction + index);
  return {vector_of(origin), 0.0f,           vector_of(direction), kInfinity,
          {-1.0f, 0, 0},     origin.word[3], direction.word[3]};
}

/// counts() of that ray.
OCT_HD bool accepts_hit(const PathColumns& columns, u32 index, const HitKey& key) {
  Ray ray;
  ray.t_min = 0.0f;
  ray.t_max = kInfinity;
  ray.after = load_after(columns, index, columns.identity[index].word[3]);
  ray.exclude_instance = columns.origin[index].word[3];
  ray.exclude_primitive = columns.direction[index].word[3];
  return counts(ray, key);
}

OCT_HD void store_hit(const HitColumns& columns, u32 index, const Hit& hit) {
  store_vector(columns.point + index, {{bits_of(hit.t), bits_of(hit.u), bits_of(hit.v), hit.instance}});
  columns.primitive[index] = (hit.primitive & 0x7fffffffu) | hit.back << 31;
}

/// What was stored; the triangle of a miss is any.
OCT_HD Hit load_hit(const HitColumns& columns, u32 index) {
  const Quad point = load_vector(columns.point + index);
  const u32 primitive = columns.primitive[index];
  return {float_from_bits(point.word[0]), float_from_bits(point.word[1]),
          float_from_bits(point.word[2]), point.word[3],
          primitive & 0x7fffffffu,        primitive >> 31};
}

/// A light sample of a path of the round: all but what the path says. Its ray begins at 0 and after no hit.
OCT_HD void store_shadow(const ShadowColumns& columns, u32 index, const ShadowRequest& request, u32 path) {
  const Ray& ray = request.ray;
  store_vector(columns.origin + index, quad_of(ray.origin, ray.exclude_instance));
  store_vector(columns.direction + index, quad_of(ray.direction, ray.exclude_primitive));
  store_vector(columns.radiance + index, quad_of(request.radiance, bits_of(ray.t_max)));
  columns.path[index] = path;
}

OCT_HD Ray load_shadow_ray(const ShadowColumns& columns, u32 index) {
  const Quad origin = load_vector(columns.origin + index);
  const Quad direction = load_vector(columns.direction + index);
  const float t_max = float_from_bits(columns.radiance[index].word[3]);
  return {vector_of(origin), 0.0f,           vector_of(direction), t_max,
          {-1.0f, 0, 0},     origin.word[3], direction.word[3]};
}

/// counts() of that ray.
OCT_HD bool accepts_shadow_hit(const ShadowColumns& columns, u32 index, const HitKey& key) {
  Ray ray;
  ray.t_min = 0.0f;
  ray.t_max = float_from_bits(columns.radiance[index].word[3]);
  ray.after = {-1.0f, 0, 0};
  ray.exclude_instance = columns.origin[index].word[3];
  ray.exclude_primitive = columns.direction[index].word[3];
  return counts(ray, key);
}

}  // namespace oct::inline OCT_ISA
