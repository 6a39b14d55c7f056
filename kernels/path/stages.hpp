#pragma once
#include "film/accumulator.hpp"
#include "path/dimensions.hpp"
#include "path/media.hpp"
#include "path/path_state.hpp"
#include "sample/sobol.hpp"
#include "shade/alpha.hpp"
#include "shade/camera.hpp"
#include "shade/layered_bsdf.hpp"
#include "shade/light.hpp"
#include "shade/material.hpp"
#include "shade/surface.hpp"

// The renderer's heart: unidirectional path tracing with next-event estimation and multiple importance
// sampling (Veach 1997, chapters 9 and 10), cut where rays are traced. A driver calls
//
//   generate_path  once, then in turn
//   (closest hit of next_ray)   shade_path   (occlusion of the shadow ray)   resolve_shadow
//
// until shade_path says that the path has ended, and adds what the stages give to the film. No stage
// traverses, keeps anything outside its arguments, or knows in which order paths are run; so batches on a
// CPU, queues on a GPU and a single path in a debugger are three drivers of the same functions.

namespace oct::inline OCT_ISA {

/// A light sample that counts if nothing is in its way.
struct ShadowRequest {
  Ray ray;
  Vec3 radiance;      ///< reaches the pixel where the ray passes
  u32 pixel, sample;  ///< as in the path state
  u32 depth;          ///< of the vertex that asked; the light is scattered once more
};

/// What shading the end of one ray gives.
struct ShadedPath {
  Vec3 emitted;         ///< contribution of `depth` scatterings; black = none
  bool has_shadow_ray;  ///< `shadow` is filled
  bool goes_on;         ///< the state holds the next ray
  ShadowRequest shadow;
};

/// Seed of a picture: frames of an animation have different noise.
OCT_HD u32 path_seed(const RenderSettings& settings) {
  return hash(settings.seed, static_cast<u32>(settings.frame));
}

/// Where a path's random numbers come from.
OCT_HD SampleId sample_id(const RenderSettings& settings, const PathState& state) {
  return {path_seed(settings), state.pixel, state.sample};
}

/// Whose decisions about alpha a ray follows.
OCT_HD AlphaKey alpha_key(const RenderSettings& settings, u32 pixel, u32 sample, u32 depth) {
  return {path_seed(settings), pixel, sample, depth};
}

/// Russian roulette begins after this many scatterings.
inline constexpr u32 kRouletteDepth = 3;

/// Weight of a sample with density `chosen` where another technique would have had density `other`: the power
/// heuristic with exponent 2 (Veach 1997, section 9.2.4), written so that nothing overflows. chosen > 0.
OCT_HD float mis_weight(float chosen, float other) {
  const float ratio = other / chosen;
  return 1.0f / (1.0f + ratio * ratio);
}

/// Weight of light that scattering found and that light sampling could have found with density `light_pdf`.
OCT_HD float found_light_weight(const PathState& state, float light_pdf) {
  return state.bsdf_pdf > 0.0f ? mis_weight(state.bsdf_pdf, light_pdf) : 1.0f;
}

/// The camera ray of one sample of one pixel.
OCT_HD PathState generate_path(const RenderDataView& view, u32 pixel, u32 sample) {
  const RenderSettings& settings = view.settings[0];
  const SampleId id{path_seed(settings), pixel, sample};
  const Vec2 on_pixel = sobol_2d(id, kDimensionPixel);
  const Vec2 on_lens = sobol_2d(id, kDimensionLens);
  const Ray ray = camera_ray(view.cameras[0], settings, pixel % settings.width, pixel / settings.width,
                             on_pixel, on_lens);
  PathState state;
  state.origin = ray.origin;
  state.direction = ray.direction;
  state.after = ray.after;
  state.left_instance = ray.exclude_instance;
  state.left_primitive = ray.exclude_primitive;
  state.throughput = splat(1.0f);
  state.bsdf_pdf = 0.0f;
  state.pixel = pixel;
  state.sample = sample;
  state.depth = 0;
  state.media = no_media();
  return state;
}

/// Light from infinity, for a path that left the scene.
OCT_HD Vec3 shade_miss(const RenderDataView& view, const PathState& state) {
  const Environment& environment = view.environments[0];
  if (state.depth == 0 && environment.visible == 0) return splat(0.0f);
  const SampleId id = sample_id(view.settings[0], state);
  const Vec2 texel = sobol_2d(id, bounce_dimension(state.depth) + kDimensionTexture);
  const Vec3 radiance = environment_radiance(view, state.direction, texel) *
                        absorption_along(view, top_medium(state.media), kInfinity);
  if (is_black(radiance)) return radiance;
  return state.throughput * radiance *
         found_light_weight(state, light_pdf_environment(view, state.direction));
}

/// The material where the path is.
OCT_HD ShadingMaterial material_of(const RenderDataView& view, const PathState& state,
                                   const Surface& surface) {
  const SampleId id = sample_id(view.settings[0], state);
  return resolve_material(view, surface, sobol_2d(id, bounce_dimension(state.depth) + kDimensionTexture));
}

/// Emission of the surface itself.
OCT_HD Vec3 shade_emission(const RenderDataView& view, const PathState& state, const Surface& surface,
                           const ShadingMaterial& material) {
  if (is_black(material.emission)) return material.emission;
  const float light_pdf = light_pdf_area(view, surface, state.origin);
  const Vec3 found = state.throughput * material.emission * found_light_weight(state, light_pdf);
  const Material& source = view.materials[surface.material];
  if (source.layers == kNone) return found;
  const SampleId id = sample_id(view.settings[0], state);
  const float cosine = abs(dot(state.direction, surface.geometric_normal));
  const Vec2 texel = sobol_2d(id, bounce_dimension(state.depth) + kDimensionTexture);
  return found * emission_passed(view, source, texture_point(surface), cosine, texel);
}

/// What the medium of the ray has left after the way to a hit, or from the surface that the ray has passed
/// through since.
OCT_HD void absorb_on_the_way(const RenderDataView& view, PathState& state, u32 medium, const Hit& hit) {
  if (medium == kNone) return;
  state.throughput *= absorption_along(view, medium, hit.t - max(state.after.t, 0.0f));
}

/// Takes a ray straight on through a surface whose alpha lets it pass: into its body or out of it, if it has
/// one that light gets into.
OCT_HD void pass_through(const RenderDataView& view, PathState& state, const Hit& hit) {
  u32 here = top_medium(state.media);
  if (is_body(view, view.instances[hit.instance])) {
    const bool front = surface_at(view, next_ray(state), hit).front;
    const MediumBoundary boundary = boundary_at(view, state.media, hit.instance, front);
    here = boundary.here;
    state.media = boundary.media;
  }
  absorb_on_the_way(view, state, here, hit);
  state.after = {hit.t, hit.instance, hit.primitive};
}

/// The channel of a path that has but one left: 0 red, 1 green, 2 blue; 3 = several.
OCT_HD u32 only_channel(Vec3 throughput) {
  if (throughput.y == 0.0f && throughput.z == 0.0f) return 0;
  if (throughput.x == 0.0f && throughput.z == 0.0f) return 1;
  return throughput.x == 0.0f && throughput.y == 0.0f ? 2u : 3u;
}

/// The channel whose indices of refraction count at a boundary. Where glass parts the channels, a path goes on
/// with one of them, drawn uniformly, at three times its throughput; where none disperses green stands for
/// all.
OCT_HD u32 choose_channel(const RenderDataView& view, PathState& state, const ShadingMaterial& material,
                          const MediumBoundary& boundary) {
  if (!disperses(view, boundary) || !(material.transmission > 0.0f)) return 1;
  const u32 only = only_channel(state.throughput);
  if (only < 3) return only;
  const SampleId id = sample_id(view.settings[0], state);
  const float u = sobol_1d(id, bounce_dimension(state.depth) + kDimensionChannel);
  const u32 channel = min(to_u32(3.0f * u), 2u);
  const Vec3 throughput = state.throughput * 3.0f;
  state.throughput = {channel == 0 ? throughput.x : 0.0f, channel == 1 ? throughput.y : 0.0f,
                      channel == 2 ? throughput.z : 0.0f};
  return channel;
}

/// The random numbers of a light sample.
struct LightNumbers {
  u32 choice;
  Vec2 point, texel;
};

/// Drawn before the surface is looked at, so that memory brings the light meanwhile.
OCT_HD LightNumbers light_numbers(const RenderDataView& view, const PathState& state) {
  const SampleId id = sample_id(view.settings[0], state);
  const u32 dimension = bounce_dimension(state.depth);
  const u32 choice = sobol_1d_bits(id, dimension + kDimensionLightChoice);
  const Vec2 point = sobol_2d(id, dimension + kDimensionLightPoint);
  prefetch_light(view, choice, point);
  return {choice, point, sobol_2d(id, dimension + kDimensionLightTexture)};
}

/// Next-event estimation: chooses a light and a point on it. False when nothing can come from there.
template <class AnyBsdf>
OCT_HD bool sample_direct_light(const RenderDataView& view, const PathState& state, const Surface& surface,
                                const AnyBsdf& bsdf, const MediumBoundary& boundary,
                                const LightNumbers& numbers, ShadowRequest& request) {
  if (is_mirror(bsdf)) return false;
  const LightSample light =
      sample_light(view, surface.position, numbers.choice, numbers.point, numbers.texel);
  if (!(light.pdf > 0.0f) || is_black(light.radiance)) return false;

  const BsdfEval scattered = eval_bsdf(bsdf, light.direction);
  if (is_black(scattered.f_cos)) return false;
  const float weight = light.delta ? 1.0f : mis_weight(light.pdf, scattered.pdf);
  request.ray = spawn_shadow_ray(surface, light);
  request.radiance = state.throughput * scattered.f_cos * light.radiance * (weight / light.pdf);
  const bool goes_through = dot(light.direction, surface.geometric_normal) < 0.0f;
  const u32 medium = goes_through ? boundary.beyond : boundary.here;
  if (medium != kNone) {
    const float distance = light.infinite ? kInfinity : length(request.ray.direction);
    request.radiance *= absorption_along(view, medium, distance);
    if (is_black(request.radiance)) return false;
  }
  request.pixel = state.pixel;
  request.sample = state.sample;
  request.depth = state.depth;
  return true;
}

/// Plays Russian roulette with the share of light that the path can still bring. False = the path ends.
OCT_HD bool survives_roulette(const RenderDataView& view, PathState& state) {
  if (state.depth < kRouletteDepth) return true;
  const float survival = min(max_component(state.throughput), 0.95f);
  const SampleId id = sample_id(view.settings[0], state);
  if (!(sobol_1d(id, bounce_dimension(state.depth) + kDimensionRoulette) < survival)) return false;
  state.throughput *= 1.0f / survival;
  return true;
}

/// Chooses the next direction and makes the state hold the next ray. False = absorbed.
template <class AnyBsdf>
OCT_HD bool scatter_path(const RenderDataView& view, PathState& state, const Surface& surface,
                         const AnyBsdf& bsdf, const MediumBoundary& boundary) {
  const SampleId id = sample_id(view.settings[0], state);
  const u32 dimension = bounce_dimension(state.depth);
  const float lobe = sobol_1d(id, dimension + kDimensionLobe);
  const Vec2 u = sobol_2d(id, dimension + kDimensionBsdf);
  const BsdfSample scattered = sample_bsdf(bsdf, lobe, u);
  if (is_black(scattered.weight)) return false;
  const Ray ray = spawn_ray(surface, scattered.wi);
  state.origin = ray.origin;
  state.direction = ray.direction;
  state.after = ray.after;
  state.left_instance = ray.exclude_instance;
  state.left_primitive = ray.exclude_primitive;
  state.throughput *= scattered.weight;
  state.bsdf_pdf = scattered.pdf;
  if ((scattered.flags & kScatterTransmitted) != 0) state.media = boundary.media;
  ++state.depth;
  return survives_roulette(view, state);
}

/// Light sample and next ray at a vertex: fills `shaded` and moves the state on.
template <class AnyBsdf>
OCT_HD void scatter_at(const RenderDataView& view, PathState& state, const Surface& surface,
                       const AnyBsdf& bsdf, const MediumBoundary& boundary, const LightNumbers& numbers,
                       ShadedPath& shaded) {
  shaded.has_shadow_ray = sample_direct_light(view, state, surface, bsdf, boundary, numbers, shaded.shadow);
  shaded.goes_on = scatter_path(view, state, surface, bsdf, boundary);
}

/// What scatter_by_layers gives.
struct ScatteredPath {
  PathState state;
  ShadedPath shaded;
};

/// scatter_at for a material with layers.
OCT_HD_CALLED ScatteredPath scatter_by_layers(RenderDataView view, ScatteredPath path, Surface surface,
                                              ShadingMaterial material, MediumIndices indices,
                                              MediumBoundary boundary, LightNumbers numbers) {
  const LayeredBsdf bsdf = make_layered_bsdf(material, surface, -path.state.direction, indices);
  scatter_at(view, path.state, surface, bsdf, boundary, numbers, path.shaded);
  return path;
}

/// Shades what the ray of `state` met, and moves the state on to the next ray.
OCT_HD ShadedPath shade_path(const RenderDataView& view, const Hit& hit, PathState& state) {
  ShadedPath shaded;
  shaded.emitted = splat(0.0f);
  shaded.has_shadow_ray = false;
  shaded.goes_on = false;
  if (hit.instance == kNone) {
    shaded.emitted = shade_miss(view, state);
    return shaded;
  }
  if (passes_through(view, hit, alpha_key(view.settings[0], state.pixel, state.sample, state.depth))) {
    pass_through(view, state, hit);
    shaded.goes_on = true;
    return shaded;
  }
  const LightNumbers numbers = light_numbers(view, state);
  const Surface surface = surface_at(view, next_ray(state), hit);
  const MediumBoundary boundary = boundary_at(view, state.media, surface.instance, surface.front);
  absorb_on_the_way(view, state, boundary.here, hit);
  if (is_black(state.throughput)) return shaded;
  const ShadingMaterial material = material_of(view, state, surface);
  shaded.emitted = shade_emission(view, state, surface, material);
  if (state.depth >= view.settings[0].max_depth || (material.flags & kMaterialUnlit) != 0) return shaded;

  const u32 channel = choose_channel(view, state, material, boundary);
  const MediumIndices indices = indices_at(view, boundary, surface.material, surface.front, channel);
  if (material.layers.present == 0) {
    const Bsdf bsdf = make_bsdf(material, surface, -state.direction, indices);
    scatter_at(view, state, surface, bsdf, boundary, numbers, shaded);
    return shaded;
  }
  const ScatteredPath path =
      scatter_by_layers(view, {state, shaded}, surface, material, indices, boundary, numbers);
  state = path.state;
  return path.shaded;
}

/// Tells a traversal what a surface on the way of a shadow ray blocks.
struct ShadowFilter {
  const RenderDataView& view;
  AlphaKey key;

  OCT_HD u32 operator()(const Hit& hit) const { return blocked_channels(view, hit, key); }
};

OCT_HD ShadowFilter shadow_filter(const RenderDataView& view, const ShadowRequest& request) {
  return {view, alpha_key(view.settings[0], request.pixel, request.sample, request.depth)};
}

/// What is left of a light sample without the channels (bits 0 to 2) that something on the way blocks.
OCT_HD Vec3 unblocked_part(Vec3 radiance, u32 blocked) {
  return {(blocked & 1u) != 0 ? 0.0f : radiance.x, (blocked & 2u) != 0 ? 0.0f : radiance.y,
          (blocked & 4u) != 0 ? 0.0f : radiance.z};
}

/// What a light sample brings.
OCT_HD Vec3 resolve_shadow(const ShadowRequest& request, u32 blocked) {
  return unblocked_part(request.radiance, blocked);
}

}  // namespace oct::inline OCT_ISA
