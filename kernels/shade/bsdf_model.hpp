#pragma once
#include "shade/energy.hpp"
#include "shade/fresnel.hpp"
#include "shade/ggx.hpp"
#include "shade/material.hpp"

// How a point scatters light: docs/materials.md has the model, its sources and what it promises. In short,
// with the shares metal m, glass g = (1 - m) transmission, opaque o = (1 - m)(1 - transmission):
//
//   microfacets (GGX)   reflect m F_metal + o F + g k F, refract g k (1 - F) base_color
//   cosine lobe         o base_color (1 - E(wo)) (1 - E(wi)) / (1 - E_mean), with E = what F above reflects;
//                       and what metal scatters several times
//
// Here is the model; bsdf.hpp evaluates and samples it.

namespace oct::inline OCT_ISA {

/// Perceptual roughness below which facets are a mirror: alpha = 1e-4 is as narrow as directions in float can
/// tell.
inline constexpr float kSmoothRoughness = 0.01f;
/// Glass whose index differs less from 1 does not bend light: its half vectors would be rounding errors.
inline constexpr float kMatchedIndex = 1e-3f;

enum BsdfFlags : u32 {
  kBsdfSmooth = 1u << 0,   ///< microfacets are a mirror: delta lobes
  kBsdfThin = 1u << 1,     ///< light passes without refraction
  kBsdfMatched = 1u << 2,  ///< glass passes light straight on, whatever its roughness
};

/// A material at a point, seen from wo, ready for evaluation and sampling.
struct Bsdf {
  Vec3 wo;                ///< unit, to the viewer
  Vec3 normal;            ///< shading normal; dot(normal, wo) > 0
  Vec3 geometric_normal;  ///< dot(geometric_normal, wo) >= 0
  Vec3 base_color;
  Vec3 diffuse;                ///< colour of the base times all of its factor that depends on wo
  Vec3 multi_scatter;          ///< colour of the metal's multiple scattering, likewise
  Interface coating;           ///< of the dielectric
  float ior;                   ///< opaque share: index inside over outside
  float eta;                   ///< glass share: index behind the surface over index on the viewer's side
  float metal, opaque, glass;  ///< shares, sum 1
  float glass_gain;            ///< k: gives back what glass loses between facets
  float roughness;             ///< perceptual
  float alpha;                 ///< of GGX
  float cos_o;
  float cosine_share;  ///< probability of sampling the cosine lobe
  u32 flags;           ///< BsdfFlags
};

/// What facets seen at a cosine do with light, shares of the material included.
struct FacetResponse {
  Vec3 reflected, transmitted;
  float reflect_probability;  ///< of sampling the reflection
};

OCT_HD FacetResponse facet_response(const Bsdf& bsdf, float cosine) {
  FacetResponse response;
  response.reflected = fresnel_metal(bsdf.base_color, cosine) * bsdf.metal;
  response.transmitted = splat(0.0f);
  if (bsdf.opaque > 0.0f) response.reflected += reflectance(bsdf.coating, cosine, bsdf.ior) * bsdf.opaque;
  if (bsdf.glass > 0.0f) {
    const Vec3 reflected = reflectance(bsdf.coating, cosine, bsdf.eta);
    const float passed = max(1.0f - max_component(reflected), 0.0f);
    const float share = bsdf.glass * bsdf.glass_gain;
    response.reflected += reflected * share;
    response.transmitted = bsdf.base_color * (passed * share);
  }
  const float reflected = luminance(response.reflected);
  const float transmitted = luminance(response.transmitted);
  response.reflect_probability = transmitted > 0.0f ? reflected / (reflected + transmitted) : 1.0f;
  return response;
}

/// E: share of light that the interface over the opaque base reflects at a cosine, of its strongest channel
/// (KHR_materials_specular: a tinted reflection must not tint the base with its complement).
OCT_HD float interface_energy(const Bsdf& bsdf, float cosine) {
  const float f0 = max_component(bsdf.coating.f0);
  if ((bsdf.flags & kBsdfSmooth) != 0)
    return f0 + (bsdf.coating.f90 - f0) * grazing_weight(bsdf.coating, cosine, bsdf.ior);
  const TableCell cell = cosine_cell(cosine);
  const TableCell rough = roughness_cell(bsdf.roughness);
  const float all = reflected_energy(cell, rough);
  const float grazing = min(grazing_energy(cell, rough, index_cell(bsdf.coating.bare)), all);
  return f0 * (all - grazing) + bsdf.coating.f90 * grazing;
}

OCT_HD float mean_interface_energy(const Bsdf& bsdf) {
  const TableCell rough = roughness_cell((bsdf.flags & kBsdfSmooth) != 0 ? 0.0f : bsdf.roughness);
  const float f0 = max_component(bsdf.coating.f0);
  const float all = mean_reflected_energy(rough);
  const float grazing = mean_grazing_energy(rough, index_cell(bsdf.coating.bare));
  return f0 * (all - grazing) + bsdf.coating.f90 * grazing;
}

/// Colour of light that leaves a metal's facets after more than one reflection (Kulla and Conty 2017 with the
/// sum of the series corrected: each further bounce reflects once more). energy = mean of E, in (0, 1].
OCT_HD Vec3 multi_scatter_color(Vec3 f0, float energy) {
  const Vec3 mean =
      f0 + (splat(1.0f) - f0) * (1.0f / 21.0f);  // of Schlick's reflectance, weighted by the cosine
  const Vec3 square = mean * mean * energy;
  const Vec3 left = splat(1.0f) - mean * (1.0f - energy);
  return {square.x / left.x, square.y / left.y, square.z / left.z};
}

/// Fills the cosine lobe. Returns its albedo seen from wo, a luminance.
OCT_HD float prepare_cosine_lobe(Bsdf& bsdf) {
  bsdf.diffuse = splat(0.0f);
  bsdf.multi_scatter = splat(0.0f);
  float albedo = 0.0f;
  if (bsdf.opaque > 0.0f) {
    const bool coated = bsdf.coating.f90 > 0.0f;
    const float passed = coated ? max(1.0f - interface_energy(bsdf, bsdf.cos_o), 0.0f) : 1.0f;
    const float mean = coated ? max(1.0f - mean_interface_energy(bsdf), 1e-4f) : 1.0f;
    bsdf.diffuse = bsdf.base_color * (bsdf.opaque * passed / mean);
    albedo += luminance(bsdf.diffuse) * mean;
  }
  if (bsdf.metal > 0.0f && (bsdf.flags & kBsdfSmooth) == 0) {
    const TableCell rough = roughness_cell(bsdf.roughness);
    const float mean = mean_reflected_energy(rough);
    const float missing = max(1.0f - reflected_energy(cosine_cell(bsdf.cos_o), rough), 0.0f);
    if (mean < 1.0f)
      bsdf.multi_scatter =
          multi_scatter_color(bsdf.base_color, mean) * (bsdf.metal * missing / (1.0f - mean));
    albedo += luminance(bsdf.multi_scatter) * (1.0f - mean);
  }
  return albedo;
}

/// k of the glass share: 1 over what one scattering sends on (Turquin 2019).
OCT_HD float glass_gain(const Bsdf& bsdf) {
  if (bsdf.glass == 0.0f || (bsdf.flags & (kBsdfSmooth | kBsdfMatched)) != 0) return 1.0f;
  const TableCell cosine = cosine_cell(bsdf.cos_o);
  const TableCell rough = roughness_cell(bsdf.roughness);
  const float energy = (bsdf.flags & kBsdfThin) != 0
                           ? reflected_energy(cosine, rough)
                           : glass_energy(cosine, rough, index_cell(bsdf.coating.bare), bsdf.eta < 1.0f);
  return 1.0f / max(energy, 0.1f);
}

/// A shading normal from which a mirror would send light below the surface is bent until it does not (the way
/// of Keller et al. 2017, "The Iray Light Transport Simulation and Rendering System", A.3, with a little to
/// spare). Also makes dot(normal, wo) > 0.
OCT_HD Vec3 consistent_normal(Vec3 normal, Vec3 geometric_normal, Vec3 wo) {
  const float cos_g = dot(geometric_normal, wo);
  const float lowest = min(0.9f * cos_g, 0.01f);
  const Vec3 mirrored = normal * (2.0f * dot(normal, wo)) - wo;
  if (dot(mirrored, geometric_normal) >= lowest && dot(normal, wo) > 0.0f) return normal;
  const Vec3 along = normalize(mirrored - geometric_normal * dot(mirrored, geometric_normal));
  const Vec3 raised = along * sqrt(1.0f - lowest * lowest) + geometric_normal * lowest;
  const Vec3 bent = normalize(wo + raised);
  return dot(bent, wo) > 0.0f ? bent : geometric_normal;
}

/// Makes the BSDF of a material at a surface. wo = unit, to the viewer, on the side of the geometric normal.
OCT_HD Bsdf make_bsdf(const ShadingMaterial& material, const Surface& surface, Vec3 wo) {
  Bsdf bsdf;
  bsdf.wo = wo;
  bsdf.geometric_normal = surface.geometric_normal;
  bsdf.normal = consistent_normal(material.normal, surface.geometric_normal, wo);
  bsdf.cos_o = clamp(dot(bsdf.normal, wo), 1e-6f, 1.0f);

  const bool scatters = (material.flags & kMaterialUnlit) == 0;
  bsdf.base_color = scatters ? min(max(material.base_color, splat(0.0f)), splat(1.0f)) : splat(0.0f);
  bsdf.metal = scatters ? saturate(material.metallic) : 0.0f;
  bsdf.glass = scatters ? (1.0f - bsdf.metal) * saturate(material.transmission) : 0.0f;
  bsdf.opaque = scatters ? (1.0f - bsdf.metal) * (1.0f - saturate(material.transmission)) : 0.0f;
  bsdf.roughness = saturate(material.roughness);
  bsdf.alpha = max(square(bsdf.roughness), square(kSmoothRoughness));

  bsdf.flags = bsdf.roughness < kSmoothRoughness ? u32{kBsdfSmooth} : 0u;
  if ((material.flags & kMaterialThinWalled) != 0) bsdf.flags |= kBsdfThin;
  bsdf.ior = max(material.ior, 1.0f);
  if (bsdf.ior - 1.0f < kMatchedIndex) {
    bsdf.ior = 1.0f;
    bsdf.flags |= kBsdfMatched;
  }
  bsdf.eta = surface.front || (bsdf.flags & kBsdfThin) != 0 ? bsdf.ior : 1.0f / bsdf.ior;
  bsdf.coating = make_interface(bsdf.ior, saturate(material.specular), material.specular_color);
  bsdf.glass_gain = glass_gain(bsdf);

  const float cosine_albedo = prepare_cosine_lobe(bsdf);
  const FacetResponse facets = facet_response(bsdf, bsdf.cos_o);
  const float facet_albedo = luminance(facets.reflected) + luminance(facets.transmitted);
  bsdf.cosine_share = 1.0f;
  if (facet_albedo > 0.0f)
    bsdf.cosine_share =
        cosine_albedo > 0.0f ? clamp(cosine_albedo / (cosine_albedo + facet_albedo), 0.05f, 0.95f) : 0.0f;
  return bsdf;
}

}  // namespace oct::inline OCT_ISA
