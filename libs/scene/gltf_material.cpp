#include "scene/gltf_material.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "scene/gltf_material_extensions.hpp"
#include "scene/material_textures.hpp"

namespace oct {
namespace {

/// Of a material that uses no others.
const GltfUvSets& usual_uv_sets() {
  static const GltfUvSets kUsual{0, 1};
  return kUsual;
}

std::string capitals(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
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
  const Json& source = document_["materials"][static_cast<std::size_t>(index)];
  const std::string name = text_in(source, "name");
  const GltfFactors factors(element_name("material", static_cast<std::size_t>(index), name), log_);
  SceneMaterial& material = scene.materials.emplace_back(convert(source, factors, place));
  uv_sets_[index] = number_uv_sets(factors, material);
  if (name.empty()) material.name = fmt::format("material {}", index);
  return place;
}

const GltfUvSets& GltfMaterialReader::uv_sets(int index, Scene& scene) {
  read(index, scene);
  return uv_sets_.at(index);
}

SceneMaterial GltfMaterialReader::convert(const Json& source, const GltfFactors& factors, std::size_t place) {
  SceneMaterial material;
  material.name = text_in(source, "name");
  material.double_sided = flag_or(source, "doubleSided", false);
  if (const Json* base = find_member(source, "pbrMetallicRoughness")) convert_base(*base, factors, material);
  const GltfExtension core(source, factors, textures_);
  material.emission = core.not_negative("emissiveFactor", 0);
  material.emission_texture = core.texture("emissiveTexture");
  convert_alpha(source, factors, material);
  material.normal_scale = core.texture_scale("normalTexture");
  material.normal_texture = core.texture("normalTexture");
  read_material_extensions(source, factors, textures_, material);
  if (const Json* glossy = find_extension(source, "KHR_materials_pbrSpecularGlossiness"))
    glossiness_.read(GltfExtension(*glossy, factors, textures_), place, material);
  settle_thickness(factors, material);
  return material;
}

void GltfMaterialReader::convert_base(const Json& source, const GltfFactors& factors,
                                      SceneMaterial& material) {
  const GltfExtension base(source, factors, textures_);
  const std::vector<double> color = base.numbers("baseColorFactor", {1, 1, 1, 1});
  material.base_color = factors.shares(color, "baseColorFactor");
  material.alpha = factors.share(color[3], "baseColorFactor");
  material.metallic = base.share("metallicFactor", 1);
  material.roughness = base.share("roughnessFactor", 1);
  material.base_color_texture = base.texture("baseColorTexture");
  material.metallic_roughness_texture = base.texture("metallicRoughnessTexture");
}

void GltfMaterialReader::convert_alpha(const Json& source, const GltfFactors& factors,
                                       SceneMaterial& material) {
  const std::string written = text_in(source, "alphaMode");
  const std::string mode = capitals(written);
  if (mode != written && (mode == "MASK" || mode == "BLEND" || mode == "OPAQUE"))
    log_.mend(factors.element(), fmt::format("alphaMode is written in small letters; it counts as {}", mode));
  if (mode == "MASK") {
    material.alpha_mode = AlphaMode::mask;
  } else if (mode == "BLEND") {
    material.alpha_mode = AlphaMode::blend;
  } else if (!mode.empty() && mode != "OPAQUE") {
    log_.fault(factors.element(),
               fmt::format("alphaMode must be OPAQUE, MASK or BLEND, got \"{}\"", printable(written)));
  }
  material.alpha_cutoff = factors.at_least(0, number_or(source, "alphaCutoff", 0.5), "alphaCutoff");
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
        "transmission without a thickness (KHR_materials_volume) is a thin wall, which does not bend light; "
        "--solid-glass makes it solid");
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
