#pragma once
#include "math/transcendental.hpp"
#include "math/vec.hpp"
#include "sample/warp.hpp"

// The GGX distribution of microfacets (Trowbridge and Reitz 1975, Walter et al. 2007) with Smith's shadowing,
// correlated in height (Heitz 2014). Isotropic: all is said by cosines with the surface's normal;
// anisotropy.hpp has the others.

namespace oct::inline OCT_ISA {

/// Facets per area and steradian around unit h; sin2 = squared sine between h and the normal, which must not
/// come from the cosine (that would lack the digits near the peak).
OCT_HD float ggx_distribution(float cosine, float sin2, float alpha) {
  const float alpha2 = alpha * alpha;
  const float d = sin2 + alpha2 * cosine * cosine;
  return alpha2 * kInvPi / (d * d);
}

/// 1 + 2 Lambda, times the cosine: the square root in Smith's functions. Never 0 for alpha > 0.
OCT_HD float smith_term(float cosine, float alpha) {
  const float alpha2 = alpha * alpha;
  return sqrt(alpha2 + (1.0f - alpha2) * cosine * cosine);
}

/// G1 / (4 cosine): what turns the distribution into the density of directions reflected at visible facets.
OCT_HD float visible_over_4cos(float cosine, float alpha) {
  return 0.5f / (cosine + smith_term(cosine, alpha));
}

/// G2 / (4 cos_o cos_i), both cosines positive.
OCT_HD float masking_over_4coscos(float cos_o, float cos_i, float alpha) {
  return 0.5f / (cos_o * smith_term(cos_i, alpha) + cos_i * smith_term(cos_o, alpha));
}

/// A facet normal among those visible from unit wo (Dupuy and Benyoub 2023, "Sampling Visible GGX Normals
/// with Spherical Caps"), around +Z in the frame of wo; wo.z > 0. Density: D(h) G1(wo) max(0, dot(wo, h)) /
/// wo.z.
/// alpha_x, alpha_y  of GGX along the two axes
OCT_HD Vec3 sample_visible_normal(Vec3 wo, float alpha_x, float alpha_y, Vec2 u) {
  const Vec3 stretched = normalize(Vec3{alpha_x * wo.x, alpha_y * wo.y, wo.z});
  const float z = fma(1.0f - u.x, 1.0f + stretched.z, -stretched.z);
  const float radius = safe_sqrt(1.0f - z * z);
  const SinCos turn = sincos(k2Pi * u.y);
  const Vec3 h = {alpha_x * (radius * turn.cos + stretched.x), alpha_y * (radius * turn.sin + stretched.y),
                  max(z + stretched.z, 0.0f)};
  const float size = max_component(abs(h));
  return size > 0.0f ? normalize(h / size) : Vec3{0.0f, 0.0f, 1.0f};
}

}  // namespace oct::inline OCT_ISA
