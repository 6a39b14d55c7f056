#include "scene/animated_property.hpp"

#include <algorithm>

#include "math/vec.hpp"

namespace oct {
namespace {

using Values = std::span<const float>;

constexpr float kDegreesOfRadian = 57.29577951308232f;

template <class Element>
struct Row {
  std::string_view pointer;
  std::size_t width;
  void (*set)(Element&, Values);
};

float not_negative(float value) {
  return max(value, 0.0f);
}
Vec3 share_of(Values v) {
  return {saturate(v[0]), saturate(v[1]), saturate(v[2])};
}
Vec3 color_of(Values v) {
  return {not_negative(v[0]), not_negative(v[1]), not_negative(v[2])};
}

constexpr Row<SceneMaterial> kMaterialRows[] = {
    {"pbrMetallicRoughness/baseColorFactor", 4,
     [](SceneMaterial& m, Values v) {
       m.base_color = share_of(v);
       m.alpha = saturate(v[3]);
     }},
    {"pbrMetallicRoughness/metallicFactor", 1,
     [](SceneMaterial& m, Values v) { m.metallic = saturate(v[0]); }},
    {"pbrMetallicRoughness/roughnessFactor", 1,
     [](SceneMaterial& m, Values v) { m.roughness = saturate(v[0]); }},
    {"emissiveFactor", 3, [](SceneMaterial& m, Values v) { m.emission = color_of(v); }},
    {"extensions/KHR_materials_emissive_strength/emissiveStrength", 1,
     [](SceneMaterial& m, Values v) { m.emission_strength = not_negative(v[0]); }},
    {"alphaCutoff", 1, [](SceneMaterial& m, Values v) { m.alpha_cutoff = not_negative(v[0]); }},
    {"normalTexture/scale", 1, [](SceneMaterial& m, Values v) { m.normal_scale = v[0]; }},
    {"extensions/KHR_materials_ior/ior", 1,
     [](SceneMaterial& m, Values v) { m.ior = v[0] == 0.0f ? 1000.0f : max(v[0], 1.0f); }},
    {"extensions/KHR_materials_specular/specularFactor", 1,
     [](SceneMaterial& m, Values v) { m.specular = saturate(v[0]); }},
    {"extensions/KHR_materials_specular/specularColorFactor", 3,
     [](SceneMaterial& m, Values v) { m.specular_color = color_of(v); }},
    {"extensions/KHR_materials_transmission/transmissionFactor", 1,
     [](SceneMaterial& m, Values v) { m.transmission = saturate(v[0]); }},
    {"extensions/KHR_materials_volume/thicknessFactor", 1,
     [](SceneMaterial& m, Values v) { m.thin_walled = !(v[0] > 0.0f); }},
    {"extensions/KHR_materials_pbrSpecularGlossiness/diffuseFactor", 4,
     [](SceneMaterial& m, Values v) {
       m.base_color = share_of(v);
       m.alpha = saturate(v[3]);
     }},
    {"extensions/KHR_materials_pbrSpecularGlossiness/specularFactor", 3,
     [](SceneMaterial& m, Values v) { m.specular_color = share_of(v) / kGlassReflectance; }},
    {"extensions/KHR_materials_volume/attenuationDistance", 1,
     [](SceneMaterial& m, Values v) { m.volume.attenuation_distance_m = v[0] > 0.0f ? v[0] : kInfinity; }},
    {"extensions/KHR_materials_volume/attenuationColor", 3,
     [](SceneMaterial& m, Values v) { m.volume.attenuation_color = share_of(v); }},
    {"extensions/KHR_materials_dispersion/dispersion", 1,
     [](SceneMaterial& m, Values v) { m.volume.dispersion = not_negative(v[0]); }},
    {"extensions/KHR_materials_clearcoat/clearcoatFactor", 1,
     [](SceneMaterial& m, Values v) { m.clearcoat.factor = saturate(v[0]); }},
    {"extensions/KHR_materials_clearcoat/clearcoatRoughnessFactor", 1,
     [](SceneMaterial& m, Values v) { m.clearcoat.roughness = saturate(v[0]); }},
    {"extensions/KHR_materials_clearcoat/clearcoatNormalTexture/scale", 1,
     [](SceneMaterial& m, Values v) { m.clearcoat.normal_scale = v[0]; }},
    {"extensions/KHR_materials_sheen/sheenColorFactor", 3,
     [](SceneMaterial& m, Values v) { m.sheen.color = share_of(v); }},
    {"extensions/KHR_materials_sheen/sheenRoughnessFactor", 1,
     [](SceneMaterial& m, Values v) { m.sheen.roughness = saturate(v[0]); }},
    {"extensions/KHR_materials_anisotropy/anisotropyStrength", 1,
     [](SceneMaterial& m, Values v) { m.anisotropy.strength = saturate(v[0]); }},
    {"extensions/KHR_materials_anisotropy/anisotropyRotation", 1,
     [](SceneMaterial& m, Values v) { m.anisotropy.rotation = v[0]; }},
    {"extensions/KHR_materials_iridescence/iridescenceFactor", 1,
     [](SceneMaterial& m, Values v) { m.iridescence.factor = saturate(v[0]); }},
    {"extensions/KHR_materials_iridescence/iridescenceIor", 1,
     [](SceneMaterial& m, Values v) { m.iridescence.ior = max(v[0], 1.0f); }},
    {"extensions/KHR_materials_iridescence/iridescenceThicknessMinimum", 1,
     [](SceneMaterial& m, Values v) { m.iridescence.thickness_minimum_nm = not_negative(v[0]); }},
    {"extensions/KHR_materials_iridescence/iridescenceThicknessMaximum", 1,
     [](SceneMaterial& m, Values v) { m.iridescence.thickness_maximum_nm = not_negative(v[0]); }},
    {"extensions/KHR_materials_diffuse_transmission/diffuseTransmissionFactor", 1,
     [](SceneMaterial& m, Values v) { m.diffuse_transmission.factor = saturate(v[0]); }},
    {"extensions/KHR_materials_diffuse_transmission/diffuseTransmissionColorFactor", 3,
     [](SceneMaterial& m, Values v) { m.diffuse_transmission.color = share_of(v); }},
};

/// Uses of a picture, each of which has a transform.
struct TextureUse {
  std::string_view pointer;
  std::optional<SceneTexture>* (*texture)(SceneMaterial&);
};
constexpr TextureUse kTextureUses[] = {
    {"pbrMetallicRoughness/baseColorTexture", [](SceneMaterial& m) { return &m.base_color_texture; }},
    {"pbrMetallicRoughness/metallicRoughnessTexture",
     [](SceneMaterial& m) { return &m.metallic_roughness_texture; }},
    {"extensions/KHR_materials_pbrSpecularGlossiness/diffuseTexture",
     [](SceneMaterial& m) { return &m.base_color_texture; }},
    {"normalTexture", [](SceneMaterial& m) { return &m.normal_texture; }},
    {"emissiveTexture", [](SceneMaterial& m) { return &m.emission_texture; }},
    {"extensions/KHR_materials_transmission/transmissionTexture",
     [](SceneMaterial& m) { return &m.transmission_texture; }},
    {"extensions/KHR_materials_specular/specularTexture",
     [](SceneMaterial& m) { return &m.specular_texture; }},
    {"extensions/KHR_materials_specular/specularColorTexture",
     [](SceneMaterial& m) { return &m.specular_color_texture; }},
    {"extensions/KHR_materials_clearcoat/clearcoatTexture",
     [](SceneMaterial& m) { return &m.clearcoat.texture; }},
    {"extensions/KHR_materials_clearcoat/clearcoatRoughnessTexture",
     [](SceneMaterial& m) { return &m.clearcoat.roughness_texture; }},
    {"extensions/KHR_materials_clearcoat/clearcoatNormalTexture",
     [](SceneMaterial& m) { return &m.clearcoat.normal_texture; }},
    {"extensions/KHR_materials_sheen/sheenColorTexture",
     [](SceneMaterial& m) { return &m.sheen.color_texture; }},
    {"extensions/KHR_materials_sheen/sheenRoughnessTexture",
     [](SceneMaterial& m) { return &m.sheen.roughness_texture; }},
    {"extensions/KHR_materials_anisotropy/anisotropyTexture",
     [](SceneMaterial& m) { return &m.anisotropy.texture; }},
    {"extensions/KHR_materials_iridescence/iridescenceTexture",
     [](SceneMaterial& m) { return &m.iridescence.texture; }},
    {"extensions/KHR_materials_iridescence/iridescenceThicknessTexture",
     [](SceneMaterial& m) { return &m.iridescence.thickness_texture; }},
    {"extensions/KHR_materials_diffuse_transmission/diffuseTransmissionTexture",
     [](SceneMaterial& m) { return &m.diffuse_transmission.texture; }},
    {"extensions/KHR_materials_diffuse_transmission/diffuseTransmissionColorTexture",
     [](SceneMaterial& m) { return &m.diffuse_transmission.color_texture; }},
};
constexpr std::string_view kTransformPointer = "/extensions/KHR_texture_transform/";
constexpr Row<SceneTexture> kTextureRows[] = {
    {"offset", 2,
     [](SceneTexture& t, Values v) {
       t.offset = {v[0], v[1]};
     }},
    {"rotation", 1, [](SceneTexture& t, Values v) { t.rotation = v[0]; }},
    {"scale", 2,
     [](SceneTexture& t, Values v) {
       t.scale = {v[0], v[1]};
     }},
};

/// From radians; what lies between is what a camera can have.
float field_of_view(float radians) {
  return clamp(radians * kDegreesOfRadian, 0.001f, 179.9f);
}

constexpr Row<SceneCamera> kCameraRows[] = {
    {"perspective/yfov", 1, [](SceneCamera& c, Values v) { c.vertical_fov_degrees = field_of_view(v[0]); }},
    {"orthographic/ymag", 1,
     [](SceneCamera& c, Values v) {
       if (c.orthographic_height_m && v[0] != 0.0f) c.orthographic_height_m = 2 * abs(v[0]);
     }},
};

constexpr Row<SceneLight> kLightRows[] = {
    {"color", 3, [](SceneLight& l, Values v) { l.intensity = color_of(v); }},
    {"intensity", 1, [](SceneLight& l, Values v) { l.strength = not_negative(v[0]); }},
    {"spot/innerConeAngle", 1,
     [](SceneLight& l, Values v) {
       l.inner_cone_degrees = clamp(v[0] * kDegreesOfRadian, 0.0f, l.outer_cone_degrees);
     }},
    {"spot/outerConeAngle", 1,
     [](SceneLight& l, Values v) {
       l.outer_cone_degrees = clamp(v[0] * kDegreesOfRadian, 0.0f, 90.0f);
       l.inner_cone_degrees = min(l.inner_cone_degrees, l.outer_cone_degrees);
     }},
};

struct NodeRow {
  std::string_view pointer;
  std::size_t width;  ///< 0 = any
};
constexpr NodeRow kNodeRows[] = {
    {"translation", 3},
    {"rotation", 4},
    {"scale", 3},
    {"weights", 0},
    {"extensions/KHR_node_visibility/visible", 1}};  // in the order of NodeProperty

constexpr std::string_view kCameraWithoutEffect[] = {"perspective/znear",       "perspective/zfar",
                                                     "perspective/aspectRatio", "orthographic/znear",
                                                     "orthographic/zfar",       "orthographic/xmag"};
constexpr std::string_view kMaterialWithoutEffect[] = {"occlusionTexture/strength"};

template <class Rows>
std::optional<AnimatedProperty> find_in(const Rows& rows, std::string_view pointer) {
  const auto found =
      std::find_if(std::begin(rows), std::end(rows), [&](const auto& row) { return row.pointer == pointer; });
  if (found == std::end(rows)) return std::nullopt;
  return AnimatedProperty{static_cast<std::uint16_t>(found - std::begin(rows)), found->width};
}

/// Numbered behind the properties of the material itself.
std::optional<AnimatedProperty> find_texture_property(std::string_view pointer) {
  for (std::size_t use = 0; use < std::size(kTextureUses); ++use) {
    std::string_view rest = pointer;
    if (!rest.starts_with(kTextureUses[use].pointer)) continue;
    rest.remove_prefix(kTextureUses[use].pointer.size());
    if (!rest.starts_with(kTransformPointer)) continue;
    rest.remove_prefix(kTransformPointer.size());
    const auto found = find_in(kTextureRows, rest);
    if (!found) return std::nullopt;
    const std::size_t index = std::size(kMaterialRows) + use * std::size(kTextureRows) + found->index;
    return AnimatedProperty{static_cast<std::uint16_t>(index), found->width};
  }
  return std::nullopt;
}

}  // namespace

std::optional<AnimatedProperty> find_animated_property(AnimatedKind kind, std::string_view pointer) {
  switch (kind) {
    case AnimatedKind::node: return find_in(kNodeRows, pointer);
    case AnimatedKind::camera: return find_in(kCameraRows, pointer);
    case AnimatedKind::light: return find_in(kLightRows, pointer);
    case AnimatedKind::material: break;
  }
  const auto own = find_in(kMaterialRows, pointer);
  return own ? own : find_texture_property(pointer);
}

bool is_without_effect(AnimatedKind kind, std::string_view pointer) {
  const auto in = [&](const auto& list) {
    return std::find(std::begin(list), std::end(list), pointer) != std::end(list);
  };
  if (kind == AnimatedKind::camera) return in(kCameraWithoutEffect);
  return kind == AnimatedKind::material && in(kMaterialWithoutEffect);
}

void set_property(SceneMaterial& material, std::uint16_t property, Values values) {
  if (property < std::size(kMaterialRows)) return kMaterialRows[property].set(material, values);
  const std::size_t index = property - std::size(kMaterialRows);
  std::optional<SceneTexture>& texture = *kTextureUses[index / std::size(kTextureRows)].texture(material);
  if (texture) kTextureRows[index % std::size(kTextureRows)].set(*texture, values);
}

void set_property(SceneCamera& camera, std::uint16_t property, Values values) {
  kCameraRows[property].set(camera, values);
}

void set_property(SceneLight& light, std::uint16_t property, Values values) {
  kLightRows[property].set(light, values);
}

}  // namespace oct
