#pragma once
#include "shade/ggx.hpp"

// GGX facets whose slopes spread differently along two directions of the surface (KHR_materials_anisotropy;
// Burley 2012; Heitz 2014). With equal widths they are those of ggx.hpp.

namespace oct::inline OCT_ISA {

/// Two unit directions across the normal, and the alpha of GGX along each.
struct AnisotropicFacets {
  Vec3 tangent, bitangent;
  float along;   ///< alpha toward the tangent, the larger one
  float across;  ///< alpha toward the bitangent
};

/// Strengths below this spread alpha by less than 0.0004: not to be told from none.
inline constexpr float kLeastAnisotropy = 0.02f;

/// normal, tangent unit; strength in [0, 1]; alpha of the isotropic material, > 0
OCT_HD AnisotropicFacets make_anisotropic_facets(Vec3 normal, Vec3 tangent, float strength, float alpha) {
  const Vec3 flat = tangent - normal * dot(normal, tangent);
  AnisotropicFacets facets;
  facets.tangent = length_squared(flat) > 1e-6f ? normalize(flat) : basis_around(normal).tangent;
  facets.bitangent = cross(normal, facets.tangent);
  facets.along = lerp(alpha, 1.0f, square(saturate(strength)));
  facets.across = alpha;
  return facets;
}

/// Facets per area and steradian around unit h. cosine = of h with the normal.
OCT_HD float ggx_distribution(const AnisotropicFacets& facets, Vec3 h, float cosine) {
  const float x = dot(h, facets.tangent) / facets.along;
  const float y = dot(h, facets.bitangent) / facets.across;
  const float d = x * x + y * y + cosine * cosine;
  return kInvPi / (facets.along * facets.across * d * d);
}

/// 1 + 2 Lambda, times the cosine of unit v.
OCT_HD float smith_term(const AnisotropicFacets& facets, Vec3 v, float cosine) {
  const float x = facets.along * dot(v, facets.tangent);
  const float y = facets.across * dot(v, facets.bitangent);
  return sqrt(x * x + y * y + cosine * cosine);
}

/// A facet normal among those visible from unit wo; cos_o = its cosine with the normal, > 0.
OCT_HD Vec3 sample_visible_normal(const AnisotropicFacets& facets, Vec3 normal, Vec3 wo, float cos_o,
                                  Vec2 u) {
  const Vec3 local = {dot(wo, facets.tangent), dot(wo, facets.bitangent), cos_o};
  const Vec3 h = sample_visible_normal(local, facets.along, facets.across, u);
  return normalize(facets.tangent * h.x + facets.bitangent * h.y + normal * h.z);
}

}  // namespace oct::inline OCT_ISA
