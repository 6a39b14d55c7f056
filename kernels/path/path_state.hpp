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

/// What a path carries between stages. Instantiated for single values (PathState) and for columns of many
/// paths (PathColumns): each() is the one list of fields that both follow.
template <template <class> class Of>
struct PathFields {
  Of<Vec3> origin;        ///< of the ray to trace next
  Of<Vec3> direction;     ///< unit
  Of<HitKey> after;       ///< the ray goes on behind this hit; {-1, 0, 0} = from its start
  Of<u32> left_instance;  ///< the triangle that the ray leaves, never hit again; kNone = none
  Of<u32> left_primitive;
  Of<Vec3> throughput;    ///< share of the radiance at the end of the ray that reaches the pixel
  Of<float> bsdf_pdf;     ///< of the last scattering, per solid angle; 0 = camera or mirror: light sampling
                          ///< cannot do it
  Of<u32> pixel;          ///< y x width + x
  Of<u32> sample;         ///< index of the sample in its pixel
  Of<u32> depth;          ///< scatterings so far, 0 = camera ray
  Of<MediumStack> media;  ///< of the ray to trace next

  /// Calls visitor(a's field, b's field) for each field.
  template <class A, class B, class Visitor>
  OCT_HD static void each(A& a, B& b, Visitor&& visitor) {
    visitor(a.origin, b.origin);
    visitor(a.direction, b.direction);
    visitor(a.after, b.after);
    visitor(a.left_instance, b.left_instance);
    visitor(a.left_primitive, b.left_primitive);
    visitor(a.throughput, b.throughput);
    visitor(a.bsdf_pdf, b.bsdf_pdf);
    visitor(a.pixel, b.pixel);
    visitor(a.sample, b.sample);
    visitor(a.depth, b.depth);
    visitor(a.media, b.media);
  }
};

template <class T>
using PathValue = T;
template <class T>
using PathColumn = T*;

using PathState = PathFields<PathValue>;
OCT_ASSERT_PLAIN(PathState, 88);
static_assert(sizeof(PathState) <= 96, "GPUs keep millions of them");

/// The same as struct of arrays, for queues on GPUs: neighbouring threads read neighbouring words.
using PathColumns = PathFields<PathColumn>;

OCT_HD PathState load_path(const PathColumns& columns, u64 index) {
  PathState state;
  PathState::each(state, columns, [index](auto& value, const auto& column) { value = column[index]; });
  return state;
}

OCT_HD void store_path(const PathColumns& columns, u64 index, const PathState& state) {
  PathState::each(state, columns, [index](const auto& value, const auto& column) { column[index] = value; });
}

/// The ray to trace next.
OCT_HD Ray next_ray(const PathState& state) {
  return {state.origin,        0.0f, state.direction, kInfinity, state.after, state.left_instance,
          state.left_primitive};
}

}  // namespace oct::inline OCT_ISA
