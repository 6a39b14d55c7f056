#pragma once
#include "shade/lobe_clearcoat.hpp"
#include "shade/lobe_diffuse_transmission.hpp"
#include "shade/lobe_sheen.hpp"

// The base of bsdf.hpp with the lobes above and beside it. From the top down: clearcoat, sheen, then the base,
// with its diffuse transmission beside it. Each lobe scatters by itself what those above let through:
//
//   f = f_1 + p_1 (f_2 + p_2 (... + f_base)),   p = lobe_passes
//
// A direction is drawn from one lobe, chosen by about what share of light it scatters, and weighted with the
// densities of all. A material without layers goes straight to its base.

namespace oct::inline OCT_ISA {

struct LayeredBsdf {
  Bsdf base;
  u32 layers;              ///< LayerFlags of the lobes that are filled; 0 = the base alone
  float base_probability;  ///< of sampling the base
  ClearcoatLobe clearcoat;
  SheenLobe sheen;
  DiffuseTransmissionLobe diffuse_transmission;
};

/// The table of lobes, from the top down: calls visitor(lobe, flag) for each that the material has. A new lobe
/// is one member above and one row here.
template <class Self, class Visitor>
OCT_HD void each_lobe(Self& bsdf, u32 layers, Visitor&& visitor) {
  if ((layers & kLayerClearcoat) != 0) visitor(bsdf.clearcoat, kLayerClearcoat);
  if ((layers & kLayerSheen) != 0) visitor(bsdf.sheen, kLayerSheen);
  if ((layers & kLayerDiffuseTransmission) != 0)
    visitor(bsdf.diffuse_transmission, kLayerDiffuseTransmission);
}

/// A lobe that scatters little is sampled this often at least, as a share of all light: elsewhere in its
/// hemisphere it may scatter much.
inline constexpr float kLeastLobeShare = 0.05f;

/// Gives each lobe its probability. Seen from inside of a body, what lies on its surface scatters nothing by
/// itself.
OCT_HD void share_out_samples(LayeredBsdf& bsdf) {
  const FacetResponse facets = facet_response(bsdf.base, bsdf.base.cos_o);
  const float base = luminance(facets.reflected) + luminance(facets.transmitted) +
                     luminance(bsdf.base.diffuse) + luminance(bsdf.base.multi_scatter);
  float sum = base + kLeastLobeShare;
  const bool inside = (bsdf.base.flags & kBsdfInside) != 0;
  each_lobe(bsdf, bsdf.layers, [&](auto& lobe, u32 flag) {
    const bool hidden = inside && flag != kLayerDiffuseTransmission;
    lobe.probability = hidden ? 0.0f : lobe_albedo(lobe) + kLeastLobeShare;
    sum += lobe.probability;
  });
  float left = 1.0f;
  each_lobe(bsdf, bsdf.layers, [&](auto& lobe, u32) {
    lobe.probability /= sum;
    left -= lobe.probability;
  });
  bsdf.base_probability = left;
}

/// Makes the BSDF of a material with all of its layers. Parameters as of make_bsdf.
OCT_HD LayeredBsdf make_layered_bsdf(const ShadingMaterial& material, const Surface& surface, Vec3 wo,
                                     const MediumIndices& indices) {
  LayeredBsdf bsdf;
  bsdf.base = make_bsdf(material, surface, wo, indices);
  bsdf.layers = 0;
  if (material.layers.present == 0 || (material.flags & kMaterialUnlit) != 0) return bsdf;
  each_lobe(bsdf, material.layers.present, [&](auto& lobe, u32 flag) {
    if (make_lobe(lobe, material.layers, bsdf.base)) bsdf.layers |= flag;
  });
  if (bsdf.layers != 0) share_out_samples(bsdf);
  return bsdf;
}

/// Whether there are delta lobes alone: no light sample can arrive by them.
OCT_HD bool is_mirror(const LayeredBsdf& bsdf) {
  const bool coat_alone = (bsdf.layers & ~u32{kLayerClearcoat}) == 0;
  const bool coat_smooth = (bsdf.layers & kLayerClearcoat) == 0 || is_smooth(bsdf.clearcoat);
  return coat_alone && coat_smooth && is_mirror(bsdf.base);
}

/// Value and density for light from unit wi, as of eval_bsdf for the base.
OCT_HD BsdfEval eval_bsdf(const LayeredBsdf& bsdf, Vec3 wi) {
  if (bsdf.layers == 0) return eval_bsdf(bsdf.base, wi);
  const LightDirection in = light_direction(bsdf.base, wi);
  BsdfEval sum = no_scattering();
  float passed = 1.0f;
  each_lobe(bsdf, bsdf.layers, [&](const auto& lobe, u32) {
    if (lobe.probability > 0.0f) {
      const BsdfEval own = eval_lobe(lobe, bsdf.base, in);
      sum.f_cos += own.f_cos * passed;
      sum.pdf += own.pdf * lobe.probability;
    }
    passed *= lobe_passes(lobe, bsdf.base, in);
  });
  const BsdfEval base = eval_bsdf(bsdf.base, wi);
  sum.f_cos += base.f_cos * passed;
  sum.pdf += base.pdf * bsdf.base_probability;
  return sum;
}

/// A direction drawn from one lobe, not weighted with the others yet.
struct DrawnLobe {
  BsdfSample sample;
  u32 flag;           ///< which; 0 = the base
  float probability;  ///< of its choice
};

OCT_HD DrawnLobe draw_lobe(const LayeredBsdf& bsdf, float u_lobe, Vec2 u_direction) {
  DrawnLobe drawn = {absorbed(), 0, bsdf.base_probability};
  float start = 0.0f;
  each_lobe(bsdf, bsdf.layers, [&](const auto& lobe, u32 flag) {
    if (drawn.flag == 0 && u_lobe < start + lobe.probability)
      drawn = {sample_lobe(lobe, bsdf.base, u_direction), flag, lobe.probability};
    start += lobe.probability;
  });
  if (drawn.flag != 0) return drawn;
  const float u = (u_lobe - start) / max(1.0f - start, kRoundoff);
  drawn.sample = sample_bsdf(bsdf.base, clamp(u, 0.0f, 1.0f - kRoundoff), u_direction);
  return drawn;
}

/// Draws the direction of the next ray, as sample_bsdf does of the base.
OCT_HD BsdfSample sample_bsdf(const LayeredBsdf& bsdf, float u_lobe, Vec2 u_direction) {
  if (bsdf.layers == 0) return sample_bsdf(bsdf.base, u_lobe, u_direction);
  const DrawnLobe drawn = draw_lobe(bsdf, u_lobe, u_direction);
  BsdfSample sample = drawn.sample;
  if (sample.flags == 0) return absorbed();
  if ((sample.flags & kScatterDelta) == 0) {
    const BsdfEval eval = eval_bsdf(bsdf, sample.wi);
    if (!(eval.pdf > 0.0f) || !is_finite(eval.pdf)) return absorbed();
    sample.weight = eval.f_cos / eval.pdf;
    sample.pdf = eval.pdf;
    return is_finite(sample.weight) ? sample : absorbed();
  }
  const LightDirection in = light_direction(bsdf.base, sample.wi);
  float passed = 1.0f;
  bool above = true;
  each_lobe(bsdf, bsdf.layers, [&](const auto& lobe, u32 flag) {
    above = above && flag != drawn.flag;
    if (above) passed *= lobe_passes(lobe, bsdf.base, in);
  });
  sample.weight *= passed / drawn.probability;
  return sample;
}

}  // namespace oct::inline OCT_ISA
