#include "compile/materials.hpp"

#include <fmt/format.h>

#include "compile/texture_use.hpp"
#include "math/vec.hpp"
#include "scene/sides.hpp"

namespace oct {
namespace {

Vec3 saturated(Vec3 v) {
  return {saturate(v.x), saturate(v.y), saturate(v.z)};
}

float clean_ior(float ior) {
  if (ior == 0) return kLargestIor;  // KHR_materials_ior: 0 stands for infinite
  return clamp(ior, 1.0f, kLargestIor);
}

void add_flag(Material& material, bool wanted, MaterialFlags flag) {
  if (wanted) material.flags |= flag;
}

Result<void> add_textures(const SceneMaterial& source, Material& material, TextureTable& textures,
                          RenderData& data) {
  const bool lit = (material.flags & kMaterialUnlit) == 0;
  const bool rough_or_metallic = material.metallic > 0 || material.roughness > 0;
  const TextureUse uses[] = {
      {source.base_color_texture, material.base_color_texture, TexelUse::color, true},
      {source.metallic_roughness_texture, material.metallic_roughness_texture, TexelUse::numbers,
       lit && rough_or_metallic},
      {source.normal_texture, material.normal_texture, TexelUse::numbers, lit && material.normal_scale != 0},
      {source.emission_texture, material.emission_texture, TexelUse::color, !is_black(material.emission)},
      {source.transmission_texture, material.transmission_texture, TexelUse::numbers,
       lit && material.transmission > 0},
      {source.specular_texture, material.specular_texture, TexelUse::numbers, lit && material.specular > 0},
      {source.specular_color_texture, material.specular_color_texture, TexelUse::color,
       lit && material.specular > 0 && !is_black(material.specular_color)},
  };
  return add_used_textures(uses, textures, data);
}

}  // namespace

Material clean_material(const SceneMaterial& source) {
  Material material{};
  material.base_color = saturated(source.base_color);
  material.alpha = saturate(source.alpha);
  material.emission = source.unlit ? Vec3{0, 0, 0} : clean_radiance(source.emission);
  material.metallic = saturate(source.metallic);
  material.specular_color = clean_radiance(source.specular_color);
  material.specular = saturate(source.specular);
  material.roughness = saturate(source.roughness);
  material.ior = clean_ior(source.ior);
  material.transmission = saturate(source.transmission);
  material.alpha_cutoff = clamp(source.alpha_cutoff, 0.0f, 2.0f);  // above 1 nothing is seen
  material.normal_scale = clamp(source.normal_scale, -kLargestNormalScale, kLargestNormalScale);
  material.alpha_mode = source.alpha_mode;
  add_flag(material, has_front_alone(source), kMaterialCullsBack);
  add_flag(material, source.unlit, kMaterialUnlit);
  add_flag(material, source.thin_walled, kMaterialThinWalled);
  add_flag(material, source.emits_front_only || has_front_alone(source), kMaterialEmitsFrontOnly);
  for (u32* slot : {&material.base_color_texture, &material.metallic_roughness_texture,
                    &material.normal_texture, &material.emission_texture, &material.transmission_texture,
                    &material.specular_texture, &material.specular_color_texture}) {
    *slot = kNone;
  }
  material.layers = kNone;
  return material;
}

Result<u32> MaterialTable::add(std::size_t index, RenderData& data) {
  if (const auto known = of_scene_.find(index); known != of_scene_.end()) return known->second;
  const SceneMaterial& source = scene_.materials[index];
  Material material = clean_material(source);
  const auto in_material = [&](const Error& error) {
    return fail(error.kind, fmt::format("material {} \"{}\": {}", index, source.name, error.message));
  };
  if (auto added = add_textures(source, material, textures_, data); !added) return in_material(added.error());
  auto layers = layers_.add(source, material, data);
  if (!layers) return in_material(layers.error());
  material.layers = *layers;
  const auto [place, is_new] =
      of_content_.try_emplace(sha256(bytes_of_value(material)), static_cast<u32>(data.materials.size()));
  if (is_new) data.materials.edit().push_back(material);
  of_scene_[index] = place->second;
  return place->second;
}

AttributeNeeds attribute_needs(const Material& material, const RenderData& data) {
  AttributeNeeds needs;
  const auto need_texture = [&](u32 slot) {
    if (slot != kNone) needs.uv[data.texture_slots[slot].uv_set] = true;
  };
  for (const u32 slot : {material.base_color_texture, material.metallic_roughness_texture,
                         material.normal_texture, material.emission_texture, material.transmission_texture,
                         material.specular_texture, material.specular_color_texture}) {
    need_texture(slot);
  }
  needs.tangents = material.normal_texture != kNone;
  if (material.layers == kNone) return needs;

  const auto& [coat, sheen, anisotropy, film, diffuse, volume] = data.material_layers[material.layers];
  for (const u32 slot : {coat.texture, coat.roughness_texture, coat.normal_texture, sheen.color_texture,
                         sheen.roughness_texture, anisotropy.texture, film.texture, film.thickness_texture,
                         diffuse.texture, diffuse.color_texture}) {
    need_texture(slot);
  }
  needs.tangents = needs.tangents || coat.normal_texture != kNone || anisotropy.strength > 0;
  // tangents that the mesh lacks are derived from the first set
  if (anisotropy.strength > 0 && anisotropy.texture == kNone) needs.uv[0] = true;
  return needs;
}

}  // namespace oct
