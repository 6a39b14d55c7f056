#pragma once
#include "shade/bsdf.hpp"

// What the lobes above and beside the base share. Each lobe_*.hpp has
//
//   a struct of parameters with `probability`, that of sampling it; 0 = it scatters nothing by itself
//   make_lobe    the struct from a material at a point; false where the material has none
//   lobe_albedo  about what share of light it scatters by itself, a luminance, for the choice of lobes
//   eval_lobe    its scattering, and its density given that it was chosen
//   sample_lobe  a direction from that density, or a delta lobe's
//   lobe_passes  share of light that gets through it to what lies below and back
//
// and one row in layered_bsdf.hpp.

namespace oct::inline OCT_ISA {

/// Unit direction to the light, with its cosines.
struct LightDirection {
  Vec3 wi;
  float cos_s;  ///< with the base's shading normal, signed
  float cos_g;  ///< with the geometric normal, signed
};

OCT_HD LightDirection light_direction(const Bsdf& base, Vec3 wi) {
  return {wi, dot(base.normal, wi), dot(base.geometric_normal, wi)};
}

OCT_HD BsdfEval no_scattering() {
  return {splat(0.0f), 0.0f};
}

/// Light that a layer lets through both ways. Reciprocal, and never more than is left of what the layer
/// reflects (the way of KHR_materials_sheen). Light that goes through a body's surface meets the layer on the
/// outside alone.
/// energy_o, energy_i  share that the layer reflects toward the viewer, and of light from wi
OCT_HD float passed_both_ways(const Bsdf& base, bool reflected, float energy_o, float energy_i) {
  float taken = max(energy_o, energy_i);
  if ((base.flags & kBsdfInside) != 0) {
    taken = reflected ? 0.0f : energy_i;
  } else if (!reflected && (base.flags & kBsdfThin) == 0) {
    taken = energy_o;
  }
  return saturate(1.0f - taken);
}

}  // namespace oct::inline OCT_ISA
