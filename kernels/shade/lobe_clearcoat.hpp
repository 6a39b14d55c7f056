#pragma once
#include "shade/lobe.hpp"

// A dielectric interface of index 1.5 above everything else (KHR_materials_clearcoat), with a roughness and a
// normal of its own.

namespace oct::inline OCT_ISA {

struct ClearcoatLobe {
  float probability;
  float factor;
  float roughness;  ///< perceptual
  float alpha;
  float cos_o;     ///< of wo with its own normal
  float energy_o;  ///< share that it reflects toward wo
  Vec3 normal;     ///< dot(normal, wo) > 0
};

OCT_HD bool is_smooth(const ClearcoatLobe& lobe) {
  return lobe.roughness < kSmoothRoughness;
}

OCT_HD bool make_lobe(ClearcoatLobe& lobe, const ShadingLayers& layers, const Bsdf& base) {
  if ((layers.present & kLayerClearcoat) == 0) return false;
  lobe.factor = saturate(layers.coat_factor);
  lobe.roughness = saturate(layers.coat_roughness);
  lobe.alpha = max(square(lobe.roughness), square(kSmoothRoughness));
  lobe.normal = consistent_normal(layers.coat_normal, base.geometric_normal, base.wo);
  lobe.cos_o = clamp(dot(lobe.normal, base.wo), 1e-6f, 1.0f);
  lobe.energy_o = coat_energy(lobe.factor, lobe.roughness, lobe.cos_o);
  return true;
}

OCT_HD float lobe_albedo(const ClearcoatLobe& lobe) {
  return lobe.energy_o;
}

OCT_HD float lobe_passes(const ClearcoatLobe& lobe, const Bsdf& base, const LightDirection& in) {
  const float energy_i = coat_energy(lobe.factor, lobe.roughness, abs(dot(lobe.normal, in.wi)));
  return passed_both_ways(base, in.cos_g > 0.0f, lobe.energy_o, energy_i);
}

/// Share that a facet of the coat reflects at a cosine.
OCT_HD float coat_reflectance(const ClearcoatLobe& lobe, float cosine) {
  return lobe.factor * fresnel_dielectric(min(cosine, 1.0f), kCoatIor);
}

OCT_HD BsdfEval eval_lobe(const ClearcoatLobe& lobe, const Bsdf& base, const LightDirection& in) {
  const float cos_i = dot(lobe.normal, in.wi);
  if (is_smooth(lobe) || !(cos_i > 0.0f) || !(in.cos_g > 0.0f)) return no_scattering();
  const Vec3 h = normalize(base.wo + in.wi);
  const float facets =
      ggx_distribution(dot(h, lobe.normal), length_squared(cross(h, lobe.normal)), lobe.alpha);
  const float reflected = coat_reflectance(lobe, saturate(dot(base.wo, h))) *
                          terminator_fade(lobe.normal, base.geometric_normal, cos_i, in.cos_g);
  return {splat(reflected * facets * masking_over_4coscos(lobe.cos_o, cos_i, lobe.alpha) * cos_i),
          facets * visible_over_4cos(lobe.cos_o, lobe.alpha)};
}

OCT_HD BsdfSample sample_lobe(const ClearcoatLobe& lobe, const Bsdf& base, Vec2 u) {
  Vec3 h = lobe.normal;
  if (!is_smooth(lobe)) {
    const Basis basis = basis_around(lobe.normal);
    Vec3 wo = to_local(basis, base.wo);
    wo.z = lobe.cos_o;
    h = to_world(basis, sample_visible_normal(wo, lobe.alpha, lobe.alpha, u));
  }
  const float cosine = dot(base.wo, h);
  if (!(cosine > 0.0f)) return absorbed();
  const Vec3 wi = reflect(base.wo, h);
  if (!(dot(wi, base.geometric_normal) > 0.0f)) return absorbed();
  if (!is_smooth(lobe)) return {wi, splat(1.0f), 1.0f, kScatterReflected};
  return {wi, splat(coat_reflectance(lobe, cosine)), 0.0f, kScatterReflected | kScatterDelta};
}

}  // namespace oct::inline OCT_ISA
