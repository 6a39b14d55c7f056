#pragma once
#include "math/vec.hpp"
#include "shade/energy_tables.hpp"
#include "shade/fresnel.hpp"

// How much light microfacet lobes send on after one scattering, looked up. What is missing is what scatters
// several times between facets; the material model gives it back (Kulla and Conty 2017; Turquin 2019).

namespace oct::inline OCT_ISA {

inline constexpr u32 kEnergyCosines = 20;
inline constexpr u32 kEnergyRoughnesses = 16;
inline constexpr u32 kEnergyIndices = 16;

/// A place between two entries of one axis of a table.
struct TableCell {
  u32 first;
  float weight;  ///< of the entry after `first`
};

/// x in [0, 1], entries at equal distances.
OCT_HD TableCell table_cell(float x, u32 entries) {
  const float scaled = saturate(x) * static_cast<float>(entries - 1);
  const u32 first = min(to_u32(scaled), entries - 2);
  return {first, scaled - static_cast<float>(first)};
}

OCT_HD TableCell cosine_cell(float cosine) {
  return table_cell(safe_sqrt(cosine), kEnergyCosines);
}
/// roughness is perceptual
OCT_HD TableCell roughness_cell(float roughness) {
  return table_cell(safe_sqrt(roughness), kEnergyRoughnesses);
}
/// bare = F0 of the ior
OCT_HD TableCell index_cell(float bare) {
  return table_cell(safe_sqrt(safe_sqrt(bare)), kEnergyIndices);
}

OCT_HD float table_value(u16 value) {
  return static_cast<float>(value) * (1.0f / 65535.0f);
}

OCT_HD float interpolate_table(const u16* table, TableCell x) {
  return lerp(table_value(table[x.first]), table_value(table[x.first + 1]), x.weight);
}
OCT_HD float interpolate_table(const u16* table, TableCell x, TableCell y, u32 row) {
  const u16* first = table + y.first * row;
  return lerp(interpolate_table(first, x), interpolate_table(first + row, x), y.weight);
}
OCT_HD float interpolate_table(const u16* table, TableCell x, TableCell y, TableCell z) {
  const u32 slice = kEnergyCosines * kEnergyRoughnesses;
  const u16* first = table + z.first * slice;
  return lerp(interpolate_table(first, x, y, kEnergyCosines),
              interpolate_table(first + slice, x, y, kEnergyCosines), z.weight);
}

/// Reflected where every facet reflects all, toward or from `cosine`.
OCT_HD float reflected_energy(TableCell cosine, TableCell roughness) {
  return interpolate_table(kReflectTable, cosine, roughness, kEnergyCosines);
}
/// Its mean over the hemisphere, weighted by the cosine. Exactly that of the interpolated function above.
OCT_HD float mean_reflected_energy(TableCell roughness) {
  return interpolate_table(kReflectMeanTable, roughness);
}

/// Reflected where each facet reflects its grazing weight (fresnel.hpp) alone.
OCT_HD float grazing_energy(TableCell cosine, TableCell roughness, TableCell index) {
  return interpolate_table(kGrazingTable, cosine, roughness, index);
}
OCT_HD float mean_grazing_energy(TableCell roughness, TableCell index) {
  return interpolate_table(kGrazingMeanTable, roughness, index, kEnergyRoughnesses);
}

/// Share of light that a dielectric interface reflects toward or from a direction, of its strongest channel
/// (KHR_materials_specular: a tinted reflection must not tint what lies below with its complement).
/// roughness = perceptual; smooth = a mirror, whatever the roughness; ior = index below over index above
OCT_HD float dielectric_energy(const Interface& dielectric, float roughness, bool smooth, float cosine,
                               float ior) {
  const float f0 = max_component(dielectric.f0);
  if (smooth) return f0 + (dielectric.f90 - f0) * grazing_weight(dielectric, cosine, ior);
  const TableCell cell = cosine_cell(cosine);
  const TableCell rough = roughness_cell(roughness);
  const float all = reflected_energy(cell, rough);
  const float grazing = min(grazing_energy(cell, rough, index_cell(dielectric.bare)), all);
  return f0 * (all - grazing) + dielectric.f90 * grazing;
}

/// Reflected and refracted by glass.
OCT_HD float glass_energy(TableCell cosine, TableCell roughness, TableCell index, bool inside) {
  return interpolate_table(inside ? kGlassInsideTable : kGlassOutsideTable, cosine, roughness, index);
}

}  // namespace oct::inline OCT_ISA
