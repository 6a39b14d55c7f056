#pragma once
#include "shade/lobe.hpp"

// Light that the diffuse base sends to its other side (KHR_materials_diffuse_transmission): Lambert's law
// there, under the same interface as the base's reflection.

namespace oct::inline OCT_ISA {

struct DiffuseTransmissionLobe {
  float probability;
  Vec3 color;  ///< times all that depends on wo
};

OCT_HD bool make_lobe(DiffuseTransmissionLobe& lobe, const ShadingLayers& layers, const Bsdf& base) {
  if ((layers.present & kLayerDiffuseTransmission) == 0) return false;
  const Vec3 color = min(max(layers.diffuse_transmission_color, splat(0.0f)), splat(1.0f));
  lobe.color = color * (saturate(layers.diffuse_transmission) * base.under_interface);
  return true;
}

OCT_HD float lobe_albedo(const DiffuseTransmissionLobe& lobe) {
  return luminance(lobe.color);
}

/// It lies beside the base, not above.
OCT_HD float lobe_passes(const DiffuseTransmissionLobe&, const Bsdf&, const LightDirection&) {
  return 1.0f;
}

OCT_HD BsdfEval eval_lobe(const DiffuseTransmissionLobe& lobe, const Bsdf& base, const LightDirection& in) {
  if (!(in.cos_s < 0.0f) || !(in.cos_g < 0.0f)) return no_scattering();
  const float cos_i = min(-in.cos_s, 1.0f);
  const float reflected = has_interface(base) ? interface_energy(base, cos_i) : 0.0f;
  return {lobe.color * (max(1.0f - reflected, 0.0f) * kInvPi * cos_i), kInvPi * cos_i};
}

OCT_HD BsdfSample sample_lobe(const DiffuseTransmissionLobe&, const Bsdf& base, Vec2 u) {
  const Vec3 above = normalize(to_world(basis_around(base.normal), warp_cosine_hemisphere(u)));
  if (!(dot(above, base.geometric_normal) > 0.0f)) return absorbed();
  return {-above, splat(1.0f), 1.0f, kScatterTransmitted};
}

}  // namespace oct::inline OCT_ISA
