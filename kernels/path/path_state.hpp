#pragma once
#include "data/types.hpp"
#include "math/scalar.hpp"

namespace oct::inline OCT_ISA {

/// Media that a path remembers being in, one inside of the other.
inline constexpr u32 kMediumStackSize = 4;

/// The materials of the media, the one entered last first; kNone below the lowest (path/media.hpp).
struct MediumStack {
  u32 materials[kMediumStackSize];
};

/// What a path carries between stages.
struct PathState {
  Vec3 origin;        ///< of the ray to trace next
  Vec3 direction;     ///< unit
  HitKey after;       ///< the ray goes on behind this hit; {-1, 0, 0} = from its start
  u32 left_instance;  ///< the triangle that the ray leaves, never hit again; kNone = none
  u32 left_primitive;
  Vec3 throughput;    ///< share of the radiance at the end of the ray that reaches the pixel
  float bsdf_pdf;     ///< of the last scattering, per solid angle; 0 = camera or mirror: light sampling
                      ///< cannot do it
  u32 pixel;          ///< y x width + x
  u32 sample;         ///< index of the sample in its pixel
  u32 depth;          ///< scatterings so far, 0 = camera ray
  MediumStack media;  ///< of the ray to trace next
};
OCT_ASSERT_PLAIN(PathState, 88);
static_assert(sizeof(PathState) <= 96, "GPUs keep millions of them");

/// The ray to trace next.
OCT_HD Ray next_ray(const PathState& state) {
  return {state.origin,        0.0f, state.direction, kInfinity, state.after, state.left_instance,
          state.left_primitive};
}

}  // namespace oct::inline OCT_ISA
