#pragma once
#include "shade/anisotropy.hpp"
#include "shade/energy.hpp"
#include "shade/fresnel.hpp"
#include "shade/ggx.hpp"
#include "shade/iridescence.hpp"
#include "shade/material.hpp"

// How a point scatters light: docs/materials.md has the model, its sources and what it promises. In short,
// with the shares metal m, glass g = (1 - m) transmission, opaque o = (1 - m)(1 - transmission):
//
//   microfacets (GGX)   reflect m F_metal + o F + g k F, refract g k (1 - F) base_color
//   cosine lobe         o base_color (1 - E(wo)) (1 - E(wi)) / (1 - E_mean), with E = what F above reflects;
//                       and what metal scatters several times
//
// Here is the model; bsdf.hpp evaluates and samples it. Facets may be anisotropic (anisotropy.hpp) and under a
// thin film (iridescence.hpp); what lies above this base, or beside it, are the lobes of layered_bsdf.hpp.

namespace oct::inline OCT_ISA {

/// Glass whose index differs less from 1 does not bend light: its half vectors would be rounding errors.
inline constexpr float kMatchedIndex = 1e-3f;

enum BsdfFlags : u32 {
  kBsdfSmooth = 1u << 0,   ///< microfacets are a mirror: delta lobes
  kBsdfThin = 1u << 1,     ///< light passes without refraction
  kBsdfMatched = 1u << 2,  ///< glass passes light straight on, whatever its roughness
  kBsdfInside = 1u << 3,   ///< seen from inside of a body that lets light in
  kBsdfAnisotropic = 1u << 4,
  kBsdfIridescent = 1u << 5,
};

/// Indices of refraction on both sides of a surface, for the channels of the ray.
struct MediumIndices {
  float viewer;  ///< on the viewer's side
  float behind;  ///< on the other side; of a thin wall or an opaque body the material's own
};

/// A material at a point, seen from wo, ready for evaluation and sampling.
struct Bsdf {
  Vec3 wo;                ///< unit, to the viewer
  Vec3 normal;            ///< shading normal; dot(normal, wo) > 0
  Vec3 geometric_normal;  ///< dot(geometric_normal, wo) >= 0
  Vec3 base_color;
  Vec3 diffuse;                ///< colour of the base times all of its factor that depends on wo
  Vec3 multi_scatter;          ///< colour of the metal's multiple scattering, likewise
  Interface dielectric;        ///< its interface
  float ior;                   ///< opaque share: index inside over outside, at least 1
  float eta;                   ///< glass share: index behind the surface over index on the viewer's side
  float metal, opaque, glass;  ///< shares, sum 1
  float glass_gain;            ///< k: gives back what glass loses between facets
  float roughness;             ///< perceptual; of anisotropic facets one between the two
  float alpha;                 ///< of GGX
  float cos_o;
  float cosine_share;        ///< probability of sampling the cosine lobe
  float under_interface;     ///< opaque share times the factor of `diffuse` that depends on wo
  u32 flags;                 ///< BsdfFlags
  AnisotropicFacets facets;  ///< with kBsdfAnisotropic
  ThinFilm film;             ///< with kBsdfIridescent
};

/// What facets seen at a cosine do with light, shares of the material included.
struct FacetResponse {
  Vec3 reflected, transmitted;
  float reflect_probability;  ///< of sampling the reflection
};

/// Reflectance of a metal's facets at a cosine.
OCT_HD Vec3 metal_reflectance(const Bsdf& bsdf, float cosine) {
  const Vec3 bare = fresnel_metal(bsdf.base_color, cosine);
  if ((bsdf.flags & kBsdfIridescent) == 0) return bare;
  return lerp(bare, film_reflectance(bsdf.film, cosine, bsdf.base_color), bsdf.film.factor);
}

/// Reflectance of the dielectric interface at a cosine; eta = index behind over index before. Seen from inside
/// a film reflects as much as from outside at the angle to which light is bent: nothing is absorbed.
OCT_HD Vec3 dielectric_reflectance(const Bsdf& bsdf, float cosine, float eta) {
  const Vec3 bare = reflectance(bsdf.dielectric, cosine, eta);
  if ((bsdf.flags & kBsdfIridescent) == 0) return bare;
  const bool inside = (bsdf.flags & kBsdfInside) != 0;
  const float cos2_outside = inside ? 1.0f - (1.0f - cosine * cosine) / (eta * eta) : cosine * cosine;
  if (!(cos2_outside > 0.0f)) return inside ? splat(1.0f) : bare;
  const Vec3 filmed = film_reflectance(bsdf.film, min(sqrt(cos2_outside), 1.0f), bsdf.dielectric.f0);
  return lerp(bare, filmed, bsdf.film.factor);
}

OCT_HD FacetResponse facet_response(const Bsdf& bsdf, float cosine) {
  FacetResponse response;
  response.reflected = metal_reflectance(bsdf, cosine) * bsdf.metal;
  response.transmitted = splat(0.0f);
  if (bsdf.opaque > 0.0f) response.reflected += dielectric_reflectance(bsdf, cosine, bsdf.ior) * bsdf.opaque;
  if (bsdf.glass > 0.0f) {
    const Vec3 reflected = dielectric_reflectance(bsdf, cosine, bsdf.eta);
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

/// E: share of light that the interface over the opaque base reflects at a cosine, of its strongest channel.
OCT_HD float interface_energy(const Bsdf& bsdf, float cosine) {
  const bool smooth = (bsdf.flags & kBsdfSmooth) != 0;
  const float bare = dielectric_energy(bsdf.dielectric, bsdf.roughness, smooth, cosine, bsdf.ior);
  if ((bsdf.flags & kBsdfIridescent) == 0) return bare;
  // facets see grazing light less grazing, the rougher the more: what the film reflects is split into a part that
  // stands for F0 and the interface's rise toward grazing angles, of which there is a table
  const float seen = smooth ? cosine : max(cosine, 0.5f * bsdf.roughness);
  const float rise = min(grazing_weight(bsdf.dielectric, seen, bsdf.ior), 0.999f);
  const float filmed = max_component(film_reflectance(bsdf.film, seen, bsdf.dielectric.f0));
  Interface interference = bsdf.dielectric;
  interference.f0 = splat(saturate((filmed - rise) / (1.0f - rise)));
  interference.f90 = 1.0f;
  const float covered = dielectric_energy(interference, bsdf.roughness, smooth, cosine, bsdf.ior);
  return lerp(bare, covered, bsdf.film.factor);
}

/// Mean of interface_energy over the hemisphere, weighted by the cosine, under a film: by Gauss and Legendre,
/// since no table can know all films.
OCT_HD float mean_filmed_energy(const Bsdf& bsdf) {
  const float nodes[5] = {0.0469101f, 0.2307653f, 0.5f, 0.7692347f, 0.9530899f};
  const float weights[5] = {0.1184634f, 0.2393143f, 0.2844444f, 0.2393143f, 0.1184634f};
  float sum = 0.0f;
  for (int i = 0; i < 5; ++i) sum += 2.0f * weights[i] * nodes[i] * interface_energy(bsdf, nodes[i]);
  return sum;
}

OCT_HD float mean_interface_energy(const Bsdf& bsdf) {
  if ((bsdf.flags & kBsdfIridescent) != 0) return mean_filmed_energy(bsdf);
  const TableCell rough = roughness_cell((bsdf.flags & kBsdfSmooth) != 0 ? 0.0f : bsdf.roughness);
  const float f0 = max_component(bsdf.dielectric.f0);
  const float all = mean_reflected_energy(rough);
  const float grazing = mean_grazing_energy(rough, index_cell(bsdf.dielectric.bare));
  return f0 * (all - grazing) + bsdf.dielectric.f90 * grazing;
}

/// Whether the interface over the opaque base reflects anything.
OCT_HD bool has_interface(const Bsdf& bsdf) {
  return bsdf.dielectric.f90 > 0.0f || (bsdf.flags & kBsdfIridescent) != 0;
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

/// F0 of a metal for what scatters several times; under a film, which has no F0, the reflectance at the mean
/// cosine of a diffuse field stands in.
OCT_HD Vec3 metal_color(const Bsdf& bsdf) {
  return (bsdf.flags & kBsdfIridescent) == 0 ? bsdf.base_color : metal_reflectance(bsdf, 2.0f / 3.0f);
}

/// Fills the cosine lobe. Returns its albedo seen from wo, a luminance.
/// kept  share of the diffuse base's light that does not leave on the other side
OCT_HD float prepare_cosine_lobe(Bsdf& bsdf, float kept) {
  bsdf.diffuse = splat(0.0f);
  bsdf.multi_scatter = splat(0.0f);
  bsdf.under_interface = 0.0f;
  float albedo = 0.0f;
  if (bsdf.opaque > 0.0f) {
    const bool coated = has_interface(bsdf);
    const float passed = coated ? max(1.0f - interface_energy(bsdf, bsdf.cos_o), 0.0f) : 1.0f;
    const float mean = coated ? max(1.0f - mean_interface_energy(bsdf), 1e-4f) : 1.0f;
    bsdf.under_interface = bsdf.opaque * passed / mean;
    bsdf.diffuse = bsdf.base_color * (bsdf.under_interface * kept);
    albedo += luminance(bsdf.diffuse) * mean;
  }
  if (bsdf.metal > 0.0f && (bsdf.flags & kBsdfSmooth) == 0) {
    const TableCell rough = roughness_cell(bsdf.roughness);
    const float mean = mean_reflected_energy(rough);
    const float missing = max(1.0f - reflected_energy(cosine_cell(bsdf.cos_o), rough), 0.0f);
    if (mean < 1.0f)
      bsdf.multi_scatter =
          multi_scatter_color(metal_color(bsdf), mean) * (bsdf.metal * missing / (1.0f - mean));
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
                           : glass_energy(cosine, rough, index_cell(bsdf.dielectric.bare), bsdf.eta < 1.0f);
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

/// Anisotropic facets and thin film, where the material has them. After normal, roughness and ior are set.
OCT_HD void add_facet_layers(Bsdf& bsdf, const ShadingLayers& layers, float outside) {
  if ((layers.present & kLayerAnisotropy) != 0 && layers.anisotropy > kLeastAnisotropy) {
    bsdf.flags = (bsdf.flags & ~u32{kBsdfSmooth}) | kBsdfAnisotropic;
    bsdf.facets = make_anisotropic_facets(bsdf.normal, layers.tangent, layers.anisotropy, bsdf.alpha);
    // the energy tables are isotropic: they are read at the alpha of the same mean squared slope
    bsdf.roughness = sqrt(sqrt(0.5f * (square(bsdf.facets.along) + square(bsdf.facets.across))));
  }
  if ((layers.present & kLayerIridescence) != 0) {
    bsdf.flags |= kBsdfIridescent;
    bsdf.film = {saturate(layers.film_factor), layers.film_ior, layers.film_thickness_nm, outside};
  }
}

/// Whether light can get into a body of the material, from which it then comes back to its surface.
OCT_HD bool lets_in(const ShadingMaterial& material) {
  return (material.flags & kMaterialThinWalled) == 0 &&
         (material.transmission > 0.0f || (material.layers.present & kLayerDiffuseTransmission) != 0);
}

/// Sets eta and ior from the media on both sides; equal ones match.
OCT_HD void set_indices(Bsdf& bsdf, const MediumIndices& indices) {
  const bool denser = indices.behind >= indices.viewer;
  bsdf.ior = denser ? indices.behind / indices.viewer : indices.viewer / indices.behind;
  bsdf.eta = denser ? bsdf.ior : 1.0f / bsdf.ior;
  if (bsdf.ior - 1.0f < kMatchedIndex) {
    bsdf.ior = bsdf.eta = 1.0f;
    bsdf.flags |= kBsdfMatched;
  }
}

/// Makes the BSDF of a material at a surface. wo = unit, to the viewer, on the side of the geometric normal.
OCT_HD Bsdf make_bsdf(const ShadingMaterial& material, const Surface& surface, Vec3 wo,
                      const MediumIndices& indices) {
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
  if (!surface.front && lets_in(material)) bsdf.flags |= kBsdfInside;
  set_indices(bsdf, indices);
  bsdf.dielectric = make_interface(bsdf.ior, saturate(material.specular), material.specular_color);
  const bool inside = (bsdf.flags & kBsdfInside) != 0;
  bsdf.flags &= kBsdfSmooth | kBsdfThin | kBsdfMatched | kBsdfInside;  // so compilers know what is not set
  if (material.layers.present != 0)
    add_facet_layers(bsdf, material.layers, inside ? indices.behind : indices.viewer);
  bsdf.glass_gain = glass_gain(bsdf);

  const bool passes = (material.layers.present & kLayerDiffuseTransmission) != 0;
  const float cosine_albedo =
      prepare_cosine_lobe(bsdf, passes ? 1.0f - saturate(material.layers.diffuse_transmission) : 1.0f);
  const FacetResponse facets = facet_response(bsdf, bsdf.cos_o);
  const float facet_albedo = luminance(facets.reflected) + luminance(facets.transmitted);
  bsdf.cosine_share = 1.0f;
  if (facet_albedo > 0.0f)
    bsdf.cosine_share =
        cosine_albedo > 0.0f ? clamp(cosine_albedo / (cosine_albedo + facet_albedo), 0.05f, 0.95f) : 0.0f;
  return bsdf;
}

/// The same in a vacuum, without other media around.
OCT_HD Bsdf make_bsdf(const ShadingMaterial& material, const Surface& surface, Vec3 wo) {
  const float ior = max(material.ior, 1.0f);
  const bool inside = !surface.front && (material.flags & kMaterialThinWalled) == 0;
  return make_bsdf(material, surface, wo, inside ? MediumIndices{ior, 1.0f} : MediumIndices{1.0f, ior});
}

}  // namespace oct::inline OCT_ISA
