#pragma once
#include "math/vec.hpp"

// How much an interface reflects.

namespace oct::inline OCT_ISA {

/// Reflectance at normal incidence between media whose indices have this ratio.
OCT_HD float normal_reflectance(float ior) {
  return square((ior - 1.0f) / (ior + 1.0f));
}

/// Fresnel's equations for unpolarized light: reflected share at the cosine of incidence in [0, 1]. eta =
/// index of the far side over index of the near side. 1 at total reflection, 0 when eta is 1.
OCT_HD float fresnel_dielectric(float cosine, float eta) {
  if (eta == 1.0f) return 0.0f;
  const float cos2_inside = 1.0f - (1.0f - cosine * cosine) / (eta * eta);
  if (!(cos2_inside > 0.0f)) return 1.0f;
  const float inside = sqrt(cos2_inside);
  const float s = (cosine - eta * inside) / (cosine + eta * inside);
  const float p = (eta * cosine - inside) / (eta * cosine + inside);
  return 0.5f * (s * s + p * p);
}

/// Weight of the grazing colour in Schlick's approximation (1994): (1 - cosine)^5.
OCT_HD float schlick_weight(float cosine) {
  const float x = saturate(1.0f - cosine);
  return square(square(x)) * x;
}

/// Schlick's reflectance of a metal whose colour at normal incidence is f0; white at grazing incidence.
OCT_HD Vec3 fresnel_metal(Vec3 f0, float cosine) {
  return f0 + (splat(1.0f) - f0) * schlick_weight(cosine);
}

/// A dielectric interface whose reflection the artist may tint and dim (KHR_materials_specular). Where
/// Schlick has (1 - cos)^5 this has its exact counterpart (F - F0) / (1 - F0), so neutral settings give
/// Fresnel's equations.
struct Interface {
  Vec3 f0;     ///< at normal incidence
  float f90;   ///< at grazing incidence
  float bare;  ///< F0 of the ior alone
};

OCT_HD Interface make_interface(float ior, float specular, Vec3 specular_color) {
  const float bare = normal_reflectance(ior);
  return {min(specular_color * bare, splat(1.0f)) * specular, specular, bare};
}

/// Weight of f90 at a cosine; eta as in fresnel_dielectric.
OCT_HD float grazing_weight(const Interface& dielectric, float cosine, float eta) {
  const float f = fresnel_dielectric(cosine, eta);
  return dielectric.bare < 1.0f ? saturate((f - dielectric.bare) / (1.0f - dielectric.bare)) : 1.0f;
}

/// Reflected share. Total reflection is total whatever the artist's factors.
OCT_HD Vec3 reflectance(const Interface& dielectric, float cosine, float eta) {
  const float weight = grazing_weight(dielectric, cosine, eta);
  if (eta < 1.0f && weight >= 1.0f) return splat(1.0f);
  return dielectric.f0 + (splat(dielectric.f90) - dielectric.f0) * weight;
}

/// Unit direction behind the facet with normal m for light from unit wo, both on one side (dot(wo, m) > 0).
/// The zero vector at total reflection.
OCT_HD Vec3 refract(Vec3 wo, Vec3 m, float eta) {
  const float c = dot(wo, m);
  const float cos2_inside = 1.0f - (1.0f - c * c) / (eta * eta);
  if (!(cos2_inside > 0.0f)) return splat(0.0f);
  const float inverse = 1.0f / eta;
  return normalize(m * (c * inverse - sqrt(cos2_inside)) - wo * inverse);
}

OCT_HD Vec3 reflect(Vec3 wo, Vec3 m) {
  return normalize(m * (2.0f * dot(wo, m)) - wo);
}

}  // namespace oct::inline OCT_ISA
