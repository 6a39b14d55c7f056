#pragma once
#include "geometry/traverse.hpp"
#include "path/stages.hpp"

namespace oct::inline OCT_ISA {

/// Channels (bits 0 to 2) of a light sample that something on its way blocks.
OCT_HD u32 blocked_on_the_way(const RenderDataView& view, const SceneBvh& bvh, const ShadowRequest& request) {
  return occlusion(bvh, request.ray, shadow_filter(view, request));
}

/// The driver in its simplest form: one path from camera to film. `observer` is told of each step, in this
/// order: hit(state, hit) before shading, shaded(state, result) after it, shadow(request, radiance) for a
/// light sample.
template <class Film, class Observer>
OCT_HD void trace_path(const RenderDataView& view, const SceneBvh& bvh, u32 pixel, u32 sample, Film& film,
                       Observer& observer) {
  PathState state = generate_path(view, pixel, sample);
  for (bool goes_on = true; goes_on;) {
    const Hit hit = closest_hit(bvh, next_ray(state));
    observer.hit(state, hit);
    const u32 depth = state.depth;
    const ShadedPath shaded = shade_path(view, hit, state);
    observer.shaded(state, shaded);
    film.add(pixel, fixed_contribution(view.settings[0], shaded.emitted, depth, sample));
    if (shaded.has_shadow_ray) {
      const Vec3 radiance = resolve_shadow(shaded.shadow, blocked_on_the_way(view, bvh, shaded.shadow));
      observer.shadow(shaded.shadow, radiance);
      film.add(pixel, fixed_contribution(view.settings[0], radiance, depth + 1, sample));
    }
    goes_on = shaded.goes_on;
  }
}

}  // namespace oct::inline OCT_ISA
