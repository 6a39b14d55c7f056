#pragma once
#include "shade/lobe.hpp"
#include "shade/sheen_table.hpp"

// Fibres that stand off the surface (KHR_materials_sheen): Charlie's distribution with its own shadowing
// (Estevez and Kulla 2017, "Production Friendly Microfacet Sheen BRDF").

namespace oct::inline OCT_ISA {

struct SheenLobe {
  float probability;
  float roughness;
  float alpha;
  float strongest;  ///< largest channel of the colour: what it takes from below is not tinted
  float energy_o;   ///< share that it would reflect toward wo, without colour
  Vec3 color;
};

/// Sheen narrower than this reflects next to nothing but near the horizon, and there too much. A node of the
/// table.
inline constexpr float kLeastSheenRoughness = 1.0f / 9.0f;

/// Share that white sheen would reflect toward or from a direction. The paper's shadowing lets it exceed 1
/// where sheen is narrow and seen from very near the surface; sheen_limit takes that back.
OCT_HD float sheen_energy(float roughness, float cosine) {
  return 4.0f *
         interpolate_table(kSheenTable, cosine_cell(cosine), roughness_cell(roughness), kEnergyCosines);
}

/// Factor of the lobe for which it reflects at most all light from either direction.
OCT_HD float sheen_limit(float energy_o, float energy_i) {
  return 1.0f / max(max(energy_o, energy_i), 1.0f);
}

OCT_HD bool make_lobe(SheenLobe& lobe, const ShadingLayers& layers, const Bsdf& base) {
  if ((layers.present & kLayerSheen) == 0) return false;
  lobe.color = min(max(layers.sheen_color, splat(0.0f)), splat(1.0f));
  lobe.strongest = max_component(lobe.color);
  lobe.roughness = clamp(layers.sheen_roughness, kLeastSheenRoughness, 1.0f);
  lobe.alpha = square(lobe.roughness);
  lobe.energy_o = sheen_energy(lobe.roughness, base.cos_o);
  return true;
}

OCT_HD float lobe_albedo(const SheenLobe& lobe) {
  return luminance(lobe.color) * min(lobe.energy_o, 1.0f);
}

OCT_HD float lobe_passes(const SheenLobe& lobe, const Bsdf& base, const LightDirection& in) {
  const float energy_i = min(sheen_energy(lobe.roughness, min(abs(in.cos_s), 1.0f)), 1.0f);
  const float energy_o = min(lobe.energy_o, 1.0f);
  return passed_both_ways(base, in.cos_g > 0.0f, lobe.strongest * energy_o, lobe.strongest * energy_i);
}

/// The paper's fit of the logarithm of Smith's Lambda for its fibres, x = cosine in [0, 1].
OCT_HD float sheen_lambda_log(float x, float alpha) {
  const float t = square(1.0f - alpha);
  const float a = lerp(21.5473f, 25.3245f, t);
  const float b = lerp(3.82987f, 3.32435f, t);
  const float c = lerp(0.19823f, 0.16801f, t);
  const float d = lerp(-1.97760f, -1.27393f, t);
  const float e = lerp(-4.32054f, -4.85967f, t);
  return a / (1.0f + b * pow(x, c)) + d * x + e;
}

OCT_HD float sheen_lambda(float cosine, float alpha) {
  const float log = cosine < 0.5f
                        ? sheen_lambda_log(cosine, alpha)
                        : 2.0f * sheen_lambda_log(0.5f, alpha) - sheen_lambda_log(1.0f - cosine, alpha);
  return exp(log);
}

/// Fibres per area and steradian: sin^(1 / alpha) of the angle between h and the normal.
OCT_HD float sheen_distribution(float sin2, float alpha) {
  const float inverse = 1.0f / alpha;
  return (2.0f + inverse) * pow(min(sin2, 1.0f), 0.5f * inverse) * (0.5f * kInvPi);
}

OCT_HD BsdfEval eval_lobe(const SheenLobe& lobe, const Bsdf& base, const LightDirection& in) {
  if (!(in.cos_s > 0.0f) || !(in.cos_g > 0.0f)) return no_scattering();
  const Vec3 h = normalize(base.wo + in.wi);
  const float fibres = sheen_distribution(length_squared(cross(h, base.normal)), lobe.alpha);
  const float cos_i = min(in.cos_s, 1.0f);
  const float shadowing =
      1.0f / (1.0f + sheen_lambda(base.cos_o, lobe.alpha) + sheen_lambda(cos_i, lobe.alpha));
  const float fade = terminator_fade(base.normal, base.geometric_normal, in.cos_s, in.cos_g);
  const float limit = sheen_limit(lobe.energy_o, sheen_energy(lobe.roughness, cos_i));
  return {lobe.color * (fibres * shadowing * fade * limit / (4.0f * base.cos_o)), 0.5f * kInvPi};
}

/// Uniform over the hemisphere: the lobe is wide, and brightest at its rim.
OCT_HD BsdfSample sample_lobe(const SheenLobe&, const Bsdf& base, Vec2 u) {
  const Vec3 local = warp_cone(u, 0.0f);
  const Vec3 wi = normalize(to_world(basis_around(base.normal), local));
  if (!(dot(wi, base.geometric_normal) > 0.0f) || !(dot(wi, base.normal) > 0.0f)) return absorbed();
  return {wi, splat(1.0f), 1.0f, kScatterReflected};
}

}  // namespace oct::inline OCT_ISA
