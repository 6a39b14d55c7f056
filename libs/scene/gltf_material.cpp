#include "scene/gltf_material.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "scene/gltf_material_extensions.hpp"
#include "scene/gltf_values.hpp"
#include "scene/material_textures.hpp"

namespace oct {
namespace {

/// Of a material that uses no others.
const GltfUvSets& usual_uv_sets() {
  static const GltfUvSets kUsual{0, 1};
  return kUsual;
}

}  // namespace

std::size_t GltfMaterialReader::read(int index, Scene& scene) {
  if (const auto known = materials_.find(index); known != materials_.end()) return known->second;
  const std::size_t place = scene.materials.size();
  materials_.emplace(index, place);
  if (index < 0) {
    scene.materials.emplace_back().name = "default";
    uv_sets_[index] = usual_uv_sets();
    return place;
  }
  const tinygltf::Material& source = model_.materials[static_cast<std::size_t>(index)];
  const GltfFactors factors(element_name("material", static_cast<std::size_t>(index), source.name), log_);
  SceneMaterial& material = scene.materials.emplace_back(convert(source, factors, place));
  uv_sets_[index] = number_uv_sets(factors, material);
  if (source.name.empty()) material.name = fmt::format("material {}", index);
  return place;
}

const GltfUvSets& GltfMaterialReader::uv_sets(int index, Scene& scene) {
  read(index, scene);
  return uv_sets_.at(index);
}

SceneMaterial GltfMaterialReader::convert(const tinygltf::Material& source, const GltfFactors& factors,
                                          std::size_t place) {
  SceneMaterial material;
  material.name = source.name;
  material.double_sided = source.doubleSided;
  convert_base(source.pbrMetallicRoughness, factors, material);
  material.emission = factors.not_negative(source.emissiveFactor, "emissiveFactor");
  material.emission_texture = textures_.read(source.emissiveTexture, factors.element(), "emissiveTexture");
  convert_alpha(source, factors, material);
  material.normal_scale = static_cast<float>(source.normalTexture.scale);
  material.normal_texture = textures_.read(source.normalTexture, factors.element(), "normalTexture");
  read_material_extensions(source, factors, textures_, material);
  if (const auto* glossy = find_extension(source.extensions, "KHR_materials_pbrSpecularGlossiness"))
    glossiness_.read(GltfExtension(*glossy, factors, textures_), place, material);
  settle_thickness(factors, material);
  return material;
}

void GltfMaterialReader::convert_base(const tinygltf::PbrMetallicRoughness& source,
                                      const GltfFactors& factors, SceneMaterial& material) {
  material.base_color = factors.shares(source.baseColorFactor, "baseColorFactor");
  material.alpha = factors.share(source.baseColorFactor[3], "baseColorFactor");
  material.metallic = factors.share(source.metallicFactor, "metallicFactor");
  material.roughness = factors.share(source.roughnessFactor, "roughnessFactor");
  material.base_color_texture =
      textures_.read(source.baseColorTexture, factors.element(), "baseColorTexture");
  material.metallic_roughness_texture =
      textures_.read(source.metallicRoughnessTexture, factors.element(), "metallicRoughnessTexture");
}

void GltfMaterialReader::convert_alpha(const tinygltf::Material& source, const GltfFactors& factors,
                                       SceneMaterial& material) {
  if (source.alphaMode == "MASK") {
    material.alpha_mode = AlphaMode::mask;
  } else if (source.alphaMode == "BLEND") {
    material.alpha_mode = AlphaMode::blend;
  } else if (source.alphaMode != "OPAQUE") {
    log_.fault(factors.element(), fmt::format("alphaMode must be OPAQUE, MASK or BLEND, got \"{}\"",
                                              printable(source.alphaMode)));
  }
  material.alpha_cutoff = factors.at_least(0, source.alphaCutoff, "alphaCutoff");
}

/// Writers leave the thickness out of what they mean as a glass body, which only the user can tell from a pane.
void GltfMaterialReader::settle_thickness(const GltfFactors& factors, SceneMaterial& material) const {
  const bool is_metal = material.metallic >= 1 && !material.metallic_roughness_texture;
  if (!(material.transmission > 0) || !material.thin_walled || material.unlit || is_metal) return;
  if (solid_glass_) {
    material.thin_walled = false;
  } else {
    log_.warn(
        factors.element(),
        "lets light through but has no thickness (KHR_materials_volume): it is a thin wall, which does not "
        "bend light; --solid-glass makes it solid");
  }
}

/// Sets 0 and 1 keep their numbers where there are no others, so that materials which use one of them or both share
/// their meshes. Else the sets are numbered from 0 as they come, up to kUvSets of them.
GltfUvSets GltfMaterialReader::number_uv_sets(const GltfFactors& factors, SceneMaterial& material) const {
  std::set<std::uint32_t> used;
  for (const auto* texture : textures_of(material)) {
    if (texture->has_value()) used.insert((*texture)->uv_set);
  }
  if (used.empty() || *used.rbegin() < usual_uv_sets().size()) return usual_uv_sets();
  GltfUvSets sets(used.begin(), used.end());
  if (sets.size() > kUvSets) {
    log_.warn(factors.element(), fmt::format("uses {} sets of texture coordinates, of which {} are read: its "
                                             "textures with the others are left out",
                                             sets.size(), kUvSets));
    sets.resize(kUvSets);
  }
  for (auto* texture : textures_of(material)) {
    if (!texture->has_value()) continue;
    const auto place = std::find(sets.begin(), sets.end(), (*texture)->uv_set);
    if (place == sets.end()) {
      drop_texture(material, *texture);
    } else {
      (*texture)->uv_set = static_cast<std::uint32_t>(place - sets.begin());
    }
  }
  return sets;
}

}  // namespace oct
