#pragma once
#include "shade/bsdf_model.hpp"

// Evaluating and sampling the scattering of bsdf_model.hpp. Throughput carries radiance over squared index of
// refraction, so no factor appears where glass is entered or left.

namespace oct::inline OCT_ISA {

struct BsdfEval {
  Vec3 f_cos;  ///< BSDF times |cosine| with the shading normal
  float pdf;   ///< per steradian, of sample_bsdf
};

enum ScatterFlags : u32 {
  kScatterReflected = 1u << 0,
  kScatterTransmitted = 1u << 1,
  kScatterDelta = 1u << 2,
};

struct BsdfSample {
  Vec3 wi;  ///< unit
  Vec3
      weight;  ///< f_cos / pdf; of a delta lobe its factor over the probability of the lobe. Black = absorbed
  float pdf;   ///< per steradian; 0 = delta lobe
  u32 flags;   ///< ScatterFlags
};

/// Fades reflected light out toward the geometric horizon, where interpolated and mapped normals would cut it
/// off (Chiang, Li and Burley 2019, "Taming the Shadow Terminator"). 1 where both normals agree. cos_s, cos_g
/// of wi > 0.
OCT_HD float terminator_fade(Vec3 normal, Vec3 geometric_normal, float cos_s, float cos_g) {
  const float between = max(dot(normal, geometric_normal), 0.0f);
  const float limit = cos_s * between;
  if (cos_g >= limit) return 1.0f;
  const float g = cos_g / limit;
  return ((1.0f - g) * g + 1.0f) * g;
}

/// Facets per area and steradian around unit h.
OCT_HD float facet_distribution(const Bsdf& bsdf, Vec3 h) {
  const float cosine = dot(h, bsdf.normal);
  if ((bsdf.flags & kBsdfAnisotropic) != 0) return ggx_distribution(bsdf.facets, h, cosine);
  return ggx_distribution(cosine, length_squared(cross(h, bsdf.normal)), bsdf.alpha);
}

/// G2 / (4 cos_o cos_i). cos_i = |cosine| of unit wi.
OCT_HD float facet_masking(const Bsdf& bsdf, Vec3 wi, float cos_i) {
  if ((bsdf.flags & kBsdfAnisotropic) == 0) return masking_over_4coscos(bsdf.cos_o, cos_i, bsdf.alpha);
  return 0.5f / (bsdf.cos_o * smith_term(bsdf.facets, wi, cos_i) +
                 cos_i * smith_term(bsdf.facets, bsdf.wo, bsdf.cos_o));
}

/// G1 / (4 cos_o).
OCT_HD float facet_visibility(const Bsdf& bsdf) {
  if ((bsdf.flags & kBsdfAnisotropic) == 0) return visible_over_4cos(bsdf.cos_o, bsdf.alpha);
  return 0.5f / (bsdf.cos_o + smith_term(bsdf.facets, bsdf.wo, bsdf.cos_o));
}

OCT_HD BsdfEval eval_reflection(const Bsdf& bsdf, Vec3 wi, float cos_i, float cos_g) {
  BsdfEval eval = {splat(0.0f), 0.0f};
  if (bsdf.cosine_share > 0.0f) {
    if (bsdf.opaque > 0.0f) {
      const float reflected = has_interface(bsdf) ? interface_energy(bsdf, cos_i) : 0.0f;
      eval.f_cos += bsdf.diffuse * max(1.0f - reflected, 0.0f);
    }
    if (!is_black(bsdf.multi_scatter)) {
      const float reflected = reflected_energy(cosine_cell(cos_i), roughness_cell(bsdf.roughness));
      eval.f_cos += bsdf.multi_scatter * max(1.0f - reflected, 0.0f);
    }
    eval.f_cos *= kInvPi * cos_i;
    eval.pdf = bsdf.cosine_share * kInvPi * cos_i;
  }
  if ((bsdf.flags & kBsdfSmooth) == 0 && bsdf.cosine_share < 1.0f) {
    const Vec3 h = normalize(bsdf.wo + wi);
    const float facets = facet_distribution(bsdf, h);
    const FacetResponse response = facet_response(bsdf, saturate(dot(bsdf.wo, h)));
    eval.f_cos += response.reflected * (facets * facet_masking(bsdf, wi, cos_i) * cos_i);
    eval.pdf += (1.0f - bsdf.cosine_share) * response.reflect_probability * facets * facet_visibility(bsdf);
  }
  eval.f_cos *= terminator_fade(bsdf.normal, bsdf.geometric_normal, cos_i, cos_g);
  return eval;
}

/// Transmission through facets. Refraction follows Walter et al. 2007; a thin wall passes the mirror image of
/// its reflection. cos_i = |cosine| of wi.
OCT_HD BsdfEval eval_transmission(const Bsdf& bsdf, Vec3 wi, float cos_i) {
  const BsdfEval nothing = {splat(0.0f), 0.0f};
  if (bsdf.glass == 0.0f || (bsdf.flags & (kBsdfSmooth | kBsdfMatched)) != 0) return nothing;
  const bool thin = (bsdf.flags & kBsdfThin) != 0;
  const Vec3 other = thin ? fma(bsdf.normal, 2.0f * cos_i, wi) : wi * bsdf.eta;
  const Vec3 half = bsdf.wo + other;
  const Vec3 h = normalize(dot(half, bsdf.normal) < 0.0f ? -half : half);
  const float c_o = dot(bsdf.wo, h);
  const float c_i = dot(wi, h);
  if (!(c_o > 0.0f) || (!thin && !(c_i < 0.0f))) return nothing;

  const float facets = facet_distribution(bsdf, h);
  const FacetResponse response = facet_response(bsdf, min(c_o, 1.0f));
  // of half vectors over directions; a reflection has 1 / (4 c_o), of which the shadowing functions have the
  // 4
  const float stretch = bsdf.eta * bsdf.eta * -c_i / square(c_o + bsdf.eta * c_i);
  const float density = thin ? facets : facets * 4.0f * c_o * stretch;
  if (!is_finite(density)) return nothing;
  BsdfEval eval;
  eval.f_cos = response.transmitted * (density * facet_masking(bsdf, wi, cos_i) * cos_i);
  eval.pdf =
      (1.0f - bsdf.cosine_share) * (1.0f - response.reflect_probability) * density * facet_visibility(bsdf);
  return eval;
}

/// Value and density for light from unit wi. Delta lobes do not count. Light that would have to cross to the
/// other side of only one of the two normals is none.
OCT_HD BsdfEval eval_bsdf(const Bsdf& bsdf, Vec3 wi) {
  const float cos_s = dot(bsdf.normal, wi);
  const float cos_g = dot(bsdf.geometric_normal, wi);
  if (cos_s > 0.0f && cos_g > 0.0f) return eval_reflection(bsdf, wi, cos_s, cos_g);
  if (cos_s < 0.0f && cos_g < 0.0f) return eval_transmission(bsdf, wi, -cos_s);
  return {splat(0.0f), 0.0f};
}

/// Whether there are delta lobes alone: no light sample can arrive by them.
OCT_HD bool is_mirror(const Bsdf& bsdf) {
  return (bsdf.flags & kBsdfSmooth) != 0 && bsdf.cosine_share == 0.0f;
}

OCT_HD BsdfSample absorbed() {
  return {{0.0f, 0.0f, 1.0f}, splat(0.0f), 0.0f, 0u};
}

/// A sample of a lobe with a density: its weight counts all lobes that could have given wi. A facet may send
/// light to the wrong side of the surface, where other lobes have their density: that light is lost.
OCT_HD BsdfSample weighted_sample(const Bsdf& bsdf, Vec3 wi, u32 flags) {
  if ((dot(wi, bsdf.normal) > 0.0f) != (flags == kScatterReflected)) return absorbed();
  const BsdfEval eval = eval_bsdf(bsdf, wi);
  if (!(eval.pdf > 0.0f) || !is_finite(eval.pdf)) return absorbed();
  const Vec3 weight = eval.f_cos / eval.pdf;
  // f_cos underflows or overflows only together with a density far outside of all that matters
  if (!is_finite(weight)) return absorbed();
  return {wi, weight, eval.pdf, flags};
}

/// Samples the facet with normal h: reflection, or transmission, chosen by u.
OCT_HD BsdfSample sample_facet(const Bsdf& bsdf, Vec3 h, float u) {
  const float c = dot(bsdf.wo, h);
  if (!(c > 0.0f)) return absorbed();
  const FacetResponse response = facet_response(bsdf, min(c, 1.0f));
  const bool smooth = (bsdf.flags & kBsdfSmooth) != 0;
  const float share = 1.0f - bsdf.cosine_share;
  if (u < response.reflect_probability) {
    const Vec3 wi = reflect(bsdf.wo, h);
    if (!smooth) return weighted_sample(bsdf, wi, kScatterReflected);
    if (!(dot(wi, bsdf.geometric_normal) > 0.0f)) return absorbed();
    return {wi, response.reflected / (share * response.reflect_probability), 0.0f,
            kScatterReflected | kScatterDelta};
  }
  const bool straight = (bsdf.flags & kBsdfMatched) != 0 || (smooth && (bsdf.flags & kBsdfThin) != 0);
  Vec3 wi = -bsdf.wo;
  if (!straight && (bsdf.flags & kBsdfThin) != 0) {
    const Vec3 mirrored = reflect(bsdf.wo, h);
    wi = fma(bsdf.normal, -2.0f * dot(mirrored, bsdf.normal), mirrored);
  } else if (!straight) {
    wi = refract(bsdf.wo, h, bsdf.eta);
  }
  if (!smooth && !straight) return weighted_sample(bsdf, wi, kScatterTransmitted);
  if (!(dot(wi, bsdf.geometric_normal) < 0.0f)) return absorbed();
  return {wi, response.transmitted / (share * (1.0f - response.reflect_probability)), 0.0f,
          kScatterTransmitted | kScatterDelta};
}

/// Draws the direction of the next ray.
/// u_lobe  in [0, 1), which lobe;  u_direction  in [0, 1)^2, where in it
OCT_HD BsdfSample sample_bsdf(const Bsdf& bsdf, float u_lobe, Vec2 u_direction) {
  const Basis basis = basis_around(bsdf.normal);
  if (u_lobe < bsdf.cosine_share) {
    const Vec3 wi = normalize(to_world(basis, warp_cosine_hemisphere(u_direction)));
    return weighted_sample(bsdf, wi, kScatterReflected);
  }
  Vec3 h = bsdf.normal;
  if ((bsdf.flags & kBsdfAnisotropic) != 0) {
    h = sample_visible_normal(bsdf.facets, bsdf.normal, bsdf.wo, bsdf.cos_o, u_direction);
  } else if ((bsdf.flags & kBsdfSmooth) == 0) {
    Vec3 wo = to_local(basis, bsdf.wo);
    wo.z = bsdf.cos_o;
    h = to_world(basis, sample_visible_normal(wo, bsdf.alpha, bsdf.alpha, u_direction));
  }
  const float u = (u_lobe - bsdf.cosine_share) / (1.0f - bsdf.cosine_share);
  return sample_facet(bsdf, h, min(u, 1.0f - kRoundoff));  // rounding must not make it 1
}

}  // namespace oct::inline OCT_ISA
