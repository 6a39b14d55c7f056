#pragma once
#include "data/body.hpp"
#include "data/render_data.hpp"
#include "math/transcendental.hpp"
#include "path/path_state.hpp"
#include "shade/bsdf_model.hpp"

// The media that a path is in: bodies that let light in, one inside of the other. The one entered last is the
// medium of the ray, also where bodies overlap: there the volume is that of the body whose surface the ray met
// last. A path knows a medium by its material, so a body may be made of several meshes.

namespace oct::inline OCT_ISA {

OCT_HD MediumStack no_media() {
  return {{kNone, kNone, kNone, kNone}};
}

/// The medium of a ray: a material, kNone = vacuum.
OCT_HD u32 top_medium(const MediumStack& media) {
  return media.materials[0];
}

/// A full stack forgets its lowest medium.
OCT_HD MediumStack entered(const MediumStack& media, u32 material) {
  return {{material, media.materials[0], media.materials[1], media.materials[2]}};
}

/// Takes the uppermost entry of the material out, wherever it lies. A material that is not there has been left
/// already, or the path began inside of it: then it lay below all others.
OCT_HD MediumStack left(const MediumStack& media, u32 material) {
  MediumStack rest = media;
  bool found = false;
  for (u32 i = 0; i < kMediumStackSize; ++i) {
    found = found || media.materials[i] == material;
    if (found) rest.materials[i] = i + 1 < kMediumStackSize ? media.materials[i + 1] : kNone;
  }
  return rest;
}

/// Whether the surface of an instance parts media: light gets into it, and it encloses something.
OCT_HD bool is_body(const RenderDataView& view, const Instance& instance) {
  return lets_light_in(view, view.materials[instance.material]) && (instance.flags & kInstanceOpen) == 0;
}

/// What a surface parts, seen along a ray.
struct MediumBoundary {
  u32 here, beyond;   ///< media on both sides: materials, kNone = vacuum
  MediumStack media;  ///< of a ray that goes through
  bool is_body;       ///< the surface is a body's; others leave the media as they are
};

/// front = the ray meets the surface from outside of its body. A path that meets a surface from inside and is
/// in no medium began in this one.
OCT_HD MediumBoundary boundary_at(const RenderDataView& view, const MediumStack& media, u32 instance,
                                  bool front) {
  const u32 top = top_medium(media);
  if (!is_body(view, view.instances[instance])) return {top, top, media, false};
  const u32 material = view.instances[instance].material;
  if (front) return {top, material, entered(media, material), true};
  const MediumStack rest = left(media, material);
  return {top != kNone ? top : material, top_medium(rest), rest, true};
}

/// How far the indices of red and blue lie from the material's: half of what the Abbe number, 20 / dispersion,
/// says of the Fraunhofer lines C and F (KHR_materials_dispersion).
OCT_HD float index_spread(const RenderDataView& view, u32 medium) {
  if (medium == kNone || view.materials[medium].layers == kNone) return 0.0f;
  const Material& material = view.materials[medium];
  return max(material.ior - 1.0f, 0.0f) * 0.025f * view.material_layers[material.layers].volume.dispersion;
}

/// Index of refraction for a channel: 0 red, 1 green, 2 blue. Green has the material's.
OCT_HD float index_of(const RenderDataView& view, u32 medium, u32 channel) {
  if (medium == kNone) return 1.0f;
  const float ior = max(view.materials[medium].ior, 1.0f);
  if (channel == 1) return ior;
  const float spread = index_spread(view, medium);
  return channel == 0 ? max(ior - spread, 1.0f) : ior + spread;
}

/// Indices on both sides of a surface. Surfaces that part no media have their own material behind them, or
/// where light gets in and they are seen from the back, before them.
OCT_HD MediumIndices indices_at(const RenderDataView& view, const MediumBoundary& boundary, u32 material,
                                bool front, u32 channel) {
  const float here = index_of(view, boundary.here, channel);
  if (boundary.is_body) return {here, index_of(view, boundary.beyond, channel)};
  const float own = index_of(view, material, channel);
  const bool from_behind = !front && lets_light_in(view, view.materials[material]);
  return from_behind ? MediumIndices{own, here} : MediumIndices{here, own};
}

OCT_HD bool disperses(const RenderDataView& view, const MediumBoundary& boundary) {
  if (!boundary.is_body || boundary.here == boundary.beyond) return false;
  return index_spread(view, boundary.here) > 0.0f || index_spread(view, boundary.beyond) > 0.0f;
}

/// Share of light left after a way in a medium (Beer and Lambert).
/// distance  metres, may be infinite: then nothing is left where the medium absorbs at all
OCT_HD Vec3 absorption_along(const RenderDataView& view, u32 medium, float distance) {
  if (medium == kNone || view.materials[medium].layers == kNone) return splat(1.0f);
  const Vec3 absorption = view.material_layers[view.materials[medium].layers].volume.absorption;
  const auto left_of = [distance](float per_metre) {
    return per_metre > 0.0f ? exp(-per_metre * distance) : 1.0f;
  };
  return {left_of(absorption.x), left_of(absorption.y), left_of(absorption.z)};
}

}  // namespace oct::inline OCT_ISA
