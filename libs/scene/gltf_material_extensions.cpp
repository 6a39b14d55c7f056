#include "scene/gltf_material_extensions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "scene/gltf_layers.hpp"

namespace oct {
namespace {

void read_unlit(const GltfExtension&, SceneMaterial& material) {
  material.unlit = true;
}

void read_emissive_strength(const GltfExtension& source, SceneMaterial& material) {
  material.emission_strength = source.at_least(0, "emissiveStrength", 1);
}

void read_ior(const GltfExtension& source, SceneMaterial& material) {
  const GltfFactors& factors = source.factors();
  double ior = source.number("ior", 1.5);
  if (ior < 1 && ior > 0.99) ior = static_cast<double>(source.at_least(1, "ior", 1.5));  // rounded
  if (ior != 0 && ior < 1)
    factors.log().fault(factors.element(), fmt::format("ior must be at least 1, got {:g}", ior));
  // 0 stands for a surface that reflects all light at every angle, which a large number comes close to
  constexpr double kReflectsAll = 1000;
  material.ior = static_cast<float>(ior == 0 ? kReflectsAll : ior);
}

void read_specular(const GltfExtension& source, SceneMaterial& material) {
  material.specular = source.share("specularFactor", 1);
  material.specular_color = source.not_negative("specularColorFactor", 1);
  material.specular_texture = source.texture("specularTexture");
  material.specular_color_texture = source.texture("specularColorTexture");
}

void read_transmission(const GltfExtension& source, SceneMaterial& material) {
  material.transmission = source.share("transmissionFactor", 0);
  material.transmission_texture = source.texture("transmissionTexture");
}

/// A volume of thickness 0 is a thin wall. What lies between its sides is the mesh itself, so that neither the number
/// nor its texture matters.
void read_volume(const GltfExtension& source, SceneMaterial& material) {
  material.thin_walled = !(source.at_least(0, "thicknessFactor", 0) > 0);
  material.volume.attenuation_color = source.shares("attenuationColor", 1);
  if (!source.has("attenuationDistance")) return;
  constexpr double kFarthest = std::numeric_limits<float>::max();
  const auto distance =
      static_cast<float>(std::clamp(source.number("attenuationDistance", 0), -kFarthest, kFarthest));
  if (distance > 0) {
    material.volume.attenuation_distance_m = distance;
  } else {
    const GltfFactors& factors = source.factors();
    factors.log().mend(factors.element(),
                       fmt::format("attenuationDistance must be above 0, got {}; it is ignored, "
                                   "so that nothing is absorbed",
                                   distance));
  }
}

void read_dispersion(const GltfExtension& source, SceneMaterial& material) {
  material.volume.dispersion = source.at_least(0, "dispersion", 0);
}

struct ExtensionRow {
  const char* name;
  void (*read)(const GltfExtension& source, SceneMaterial& material);
};
constexpr ExtensionRow kExtensionRows[] = {
    {"KHR_materials_unlit", read_unlit},
    {"KHR_materials_emissive_strength", read_emissive_strength},
    {"KHR_materials_ior", read_ior},
    {"KHR_materials_specular", read_specular},
    {"KHR_materials_transmission", read_transmission},
    {"KHR_materials_volume", read_volume},
    {"KHR_materials_dispersion", read_dispersion},
    {"KHR_materials_clearcoat", read_clearcoat},
    {"KHR_materials_sheen", read_sheen},
    {"KHR_materials_anisotropy", read_anisotropy},
    {"KHR_materials_iridescence", read_iridescence},
    {"KHR_materials_diffuse_transmission", read_diffuse_transmission},
};

}  // namespace

void read_material_extensions(const Json& source, const GltfFactors& factors, GltfTextures& textures,
                              SceneMaterial& material) {
  for (const ExtensionRow& row : kExtensionRows) {
    if (const Json* value = find_extension(source, row.name))
      row.read(GltfExtension(*value, factors, textures), material);
  }
}

}  // namespace oct
