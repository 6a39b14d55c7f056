#include "compile/material_layers.hpp"

#include <array>

#include "compile/texture_use.hpp"
#include "math/transcendental.hpp"
#include "math/vec.hpp"

namespace oct {
namespace {

/// What an attenuation colour of 0 counts as: a logarithm needs something.
constexpr float kDarkestAttenuation = 1e-10f;

Clearcoat clean_clearcoat(const SceneClearcoat& source) {
  Clearcoat coat = no_layers().clearcoat;
  coat.factor = saturate(source.factor);
  if (coat.factor == 0) return coat;
  coat.roughness = saturate(source.roughness);
  coat.normal_scale = clamp(source.normal_scale, -kLargestNormalScale, kLargestNormalScale);
  return coat;
}

Sheen clean_sheen(const SceneSheen& source) {
  Sheen sheen = no_layers().sheen;
  sheen.color = {saturate(source.color.x), saturate(source.color.y), saturate(source.color.z)};
  if (!is_black(sheen.color)) sheen.roughness = saturate(source.roughness);
  return sheen;
}

Anisotropy clean_anisotropy(const SceneAnisotropy& source) {
  Anisotropy anisotropy = no_layers().anisotropy;
  anisotropy.strength = saturate(source.strength);
  if (anisotropy.strength == 0) return anisotropy;
  const float angle = is_finite(source.rotation) ? source.rotation : 0.0f;
  anisotropy.direction = {cos(angle), sin(angle)};
  return anisotropy;
}

Iridescence clean_iridescence(const SceneIridescence& source) {
  Iridescence film = no_layers().iridescence;
  film.factor = saturate(source.factor);
  if (film.factor == 0) return film;
  film.ior = clamp(source.ior, 1.0f, kLargestIor);
  film.thickness_maximum_nm = clamp(source.thickness_maximum_nm, 0.0f, kLargestFilmThickness);
  // without a texture the minimum says nothing
  film.thickness_minimum_nm = source.thickness_texture
                                  ? clamp(source.thickness_minimum_nm, 0.0f, kLargestFilmThickness)
                                  : film.thickness_maximum_nm;
  return film;
}

DiffuseTransmission clean_diffuse_transmission(const SceneDiffuseTransmission& source) {
  DiffuseTransmission diffuse = no_layers().diffuse_transmission;
  diffuse.factor = saturate(source.factor);
  if (diffuse.factor == 0) return diffuse;
  diffuse.color = {saturate(source.color.x), saturate(source.color.y), saturate(source.color.z)};
  return diffuse;
}

/// -ln(color) / distance, per metre; 0 for an infinite distance or one that is not a length.
float absorption(float color, float distance_m) {
  if (!(distance_m > 0) || !is_finite(distance_m)) return 0;
  const float depth = -log(clamp(color, kDarkestAttenuation, 1.0f));
  return clamp(depth / distance_m, 0.0f, kLargestAbsorption) + 0.0f;
}

Volume clean_volume(const SceneVolume& source, const Material& material) {
  const Vec3 color = source.attenuation_color;
  const float distance = source.attenuation_distance_m;
  Volume volume{};
  volume.absorption = {absorption(color.x, distance), absorption(color.y, distance),
                       absorption(color.z, distance)};
  if (material.transmission > 0) volume.dispersion = clamp(source.dispersion, 0.0f, kLargestDispersion);
  return volume;
}

Result<void> add_textures(const SceneMaterial& source, MaterialLayers& layers, TextureTable& textures,
                          RenderData& data) {
  auto& [coat, sheen, anisotropy, film, diffuse, volume] = layers;
  const bool coated = coat.factor > 0;
  const bool fibres = !is_black(sheen.color);
  const bool filmy = film.factor > 0;
  const bool passes = diffuse.factor > 0;
  const TextureUse uses[] = {
      {source.clearcoat.texture, coat.texture, TexelUse::numbers, coated},
      {source.clearcoat.roughness_texture, coat.roughness_texture, TexelUse::numbers,
       coated && coat.roughness > 0},
      {source.clearcoat.normal_texture, coat.normal_texture, TexelUse::numbers,
       coated && coat.normal_scale != 0},
      {source.sheen.color_texture, sheen.color_texture, TexelUse::color, fibres},
      {source.sheen.roughness_texture, sheen.roughness_texture, TexelUse::numbers,
       fibres && sheen.roughness > 0},
      {source.anisotropy.texture, anisotropy.texture, TexelUse::numbers, anisotropy.strength > 0},
      {source.iridescence.texture, film.texture, TexelUse::numbers, filmy},
      {source.iridescence.thickness_texture, film.thickness_texture, TexelUse::numbers,
       filmy && film.thickness_minimum_nm != film.thickness_maximum_nm},
      {source.diffuse_transmission.texture, diffuse.texture, TexelUse::numbers, passes},
      {source.diffuse_transmission.color_texture, diffuse.color_texture, TexelUse::color,
       passes && !is_black(diffuse.color)},
  };
  return add_used_textures(uses, textures, data);
}

}  // namespace

MaterialLayers no_layers() {
  MaterialLayers layers{};
  layers.clearcoat = {0, 0, 1, kNone, kNone, kNone};
  layers.sheen = {{0, 0, 0}, 0, kNone, kNone};
  layers.anisotropy = {0, {1, 0}, kNone};
  layers.iridescence = {0, 1, 0, 0, kNone, kNone};
  layers.diffuse_transmission = {0, {1, 1, 1}, kNone, kNone};
  return layers;
}

MaterialLayers clean_layers(const SceneMaterial& source, const Material& material) {
  MaterialLayers layers = no_layers();
  if ((material.flags & kMaterialUnlit) != 0) return layers;
  layers.clearcoat = clean_clearcoat(source.clearcoat);
  layers.sheen = clean_sheen(source.sheen);
  layers.anisotropy = clean_anisotropy(source.anisotropy);
  layers.iridescence = clean_iridescence(source.iridescence);
  layers.diffuse_transmission = clean_diffuse_transmission(source.diffuse_transmission);
  const bool lets_in = material.transmission > 0 || layers.diffuse_transmission.factor > 0;
  if ((material.flags & kMaterialThinWalled) == 0 && lets_in)
    layers.volume = clean_volume(source.volume, material);
  return layers;
}

Result<u32> LayerTable::add(const SceneMaterial& source, const Material& material, RenderData& data) {
  MaterialLayers layers = clean_layers(source, material);
  if (sha256(bytes_of_value(layers)) == sha256(bytes_of_value(no_layers()))) return kNone;
  OCT_TRY(add_textures(source, layers, textures_, data));
  const auto [place, is_new] =
      of_content_.try_emplace(sha256(bytes_of_value(layers)), static_cast<u32>(data.material_layers.size()));
  if (is_new) data.material_layers.edit().push_back(layers);
  return place->second;
}

}  // namespace oct
