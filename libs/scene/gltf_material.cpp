#include "scene/gltf_material.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "scene/material_textures.hpp"
#include "scene/uri.hpp"

namespace oct {
namespace {

/// nullptr when the element has no such extension. The document has been checked, so that members have their
/// types.
const tinygltf::Value* find_extension(const tinygltf::ExtensionMap& extensions, const char* name) {
  const auto found = extensions.find(name);
  return found != extensions.end() && found->second.IsObject() ? &found->second : nullptr;
}

double number_of(const tinygltf::Value& object, const char* name, double otherwise) {
  if (!object.Has(name)) return otherwise;
  const tinygltf::Value& value = object.Get(name);
  return value.IsNumber() ? value.GetNumberAsDouble() : otherwise;
}

std::vector<double> numbers_of(const tinygltf::Value& object, const char* name,
                               std::vector<double> otherwise) {
  if (!object.Has(name)) return otherwise;
  const tinygltf::Value& array = object.Get(name);
  if (!array.IsArray() || array.ArrayLen() != otherwise.size()) return otherwise;
  for (std::size_t i = 0; i < otherwise.size(); ++i) {
    const tinygltf::Value& value = array.Get(i);
    if (value.IsNumber()) otherwise[i] = value.GetNumberAsDouble();
  }
  return otherwise;
}

Wrap wrap_of(int mode) {
  if (mode == TINYGLTF_TEXTURE_WRAP_CLAMP_TO_EDGE) return Wrap::clamp_to_edge;
  if (mode == TINYGLTF_TEXTURE_WRAP_MIRRORED_REPEAT) return Wrap::mirrored_repeat;
  return Wrap::repeat;
}

/// A WebP picture comes before the one for those who cannot read it. -1 = none that can be read.
int picture_of(const tinygltf::Texture& texture) {
  const tinygltf::Value* webp = find_extension(texture.extensions, "EXT_texture_webp");
  const double source = webp != nullptr ? number_of(*webp, "source", -1) : -1;
  return source >= 0 ? static_cast<int>(source) : texture.source;
}

/// Of a material that uses no others.
const GltfUvSets& usual_uv_sets() {
  static const GltfUvSets kUsual{0, 1};
  return kUsual;
}

std::string text_of(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() ? member->get<std::string>() : std::string();
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
  element_ = element_name("material", static_cast<std::size_t>(index), source.name);
  scene.materials.push_back(convert(source));
  uv_sets_[index] = number_uv_sets(scene.materials.back());
  if (source.name.empty()) scene.materials.back().name = fmt::format("material {}", index);
  return place;
}

const GltfUvSets& GltfMaterialReader::uv_sets(int index, Scene& scene) {
  read(index, scene);
  return uv_sets_.at(index);
}

/// Sets 0 and 1 keep their numbers where there are no others, so that materials which use one of them or both share
/// their meshes. Else the sets are numbered from 0 as they come, up to kUvSets of them.
GltfUvSets GltfMaterialReader::number_uv_sets(SceneMaterial& material) {
  std::set<std::uint32_t> used;
  for (const auto* texture : textures_of(material)) {
    if (texture->has_value()) used.insert((*texture)->uv_set);
  }
  if (used.empty() || *used.rbegin() < usual_uv_sets().size()) return usual_uv_sets();
  GltfUvSets sets(used.begin(), used.end());
  if (sets.size() > kUvSets) {
    log_.warn(element_,
              fmt::format("uses {} sets of texture coordinates, of which {} are read: its textures with "
                          "the others are left out",
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

SceneMaterial GltfMaterialReader::convert(const tinygltf::Material& source) {
  SceneMaterial material;
  material.name = source.name;
  material.double_sided = source.doubleSided;
  material.unlit = find_extension(source.extensions, "KHR_materials_unlit") != nullptr;
  convert_base(source.pbrMetallicRoughness, material);
  convert_emission(source, material);
  convert_alpha(source, material);
  convert_specular(source, material);
  convert_transmission(source, material);
  material.normal_scale = static_cast<float>(source.normalTexture.scale);
  material.normal_texture = texture(source.normalTexture, "normalTexture");
  return material;
}

/// Shares of light lie in [0, 1]; writers round.
float GltfMaterialReader::factor(double value, const char* name) {
  if (value > 1) log_.mend(element_, fmt::format("{} must be at most 1, got {}; it becomes 1", name, value));
  return std::min(not_negative(value, name), 1.0f);
}

float GltfMaterialReader::not_negative(double value, const char* name) {
  if (value < 0) log_.mend(element_, fmt::format("{} must be at least 0, got {}; it becomes 0", name, value));
  return static_cast<float>(std::max(value, 0.0));
}

Vec3 GltfMaterialReader::color(const std::vector<double>& values, const char* name) {
  const float red = factor(values[0], name);
  const float green = factor(values[1], name);
  const float blue = factor(values[2], name);
  return {red, green, blue};
}

void GltfMaterialReader::convert_base(const tinygltf::PbrMetallicRoughness& source, SceneMaterial& material) {
  material.base_color = color(source.baseColorFactor, "baseColorFactor");
  material.alpha = factor(source.baseColorFactor[3], "baseColorFactor");
  material.metallic = factor(source.metallicFactor, "metallicFactor");
  material.roughness = factor(source.roughnessFactor, "roughnessFactor");
  material.base_color_texture = texture(source.baseColorTexture, "baseColorTexture");
  material.metallic_roughness_texture = texture(source.metallicRoughnessTexture, "metallicRoughnessTexture");
}

void GltfMaterialReader::convert_emission(const tinygltf::Material& source, SceneMaterial& material) {
  if (const auto* extension = find_extension(source.extensions, "KHR_materials_emissive_strength")) {
    material.emission_strength =
        not_negative(number_of(*extension, "emissiveStrength", 1), "emissiveStrength");
  }
  const auto channel = [&](std::size_t c) {
    return not_negative(source.emissiveFactor[c], "emissiveFactor");
  };
  const float red = channel(0);
  const float green = channel(1);
  const float blue = channel(2);
  material.emission = {red, green, blue};
  material.emission_texture = texture(source.emissiveTexture, "emissiveTexture");
}

void GltfMaterialReader::convert_alpha(const tinygltf::Material& source, SceneMaterial& material) {
  if (source.alphaMode == "MASK") {
    material.alpha_mode = AlphaMode::mask;
  } else if (source.alphaMode == "BLEND") {
    material.alpha_mode = AlphaMode::blend;
  } else if (source.alphaMode != "OPAQUE") {
    log_.fault(element_, fmt::format("alphaMode must be OPAQUE, MASK or BLEND, got \"{}\"",
                                     printable(source.alphaMode)));
  }
  material.alpha_cutoff = not_negative(source.alphaCutoff, "alphaCutoff");
}

void GltfMaterialReader::convert_specular(const tinygltf::Material& source, SceneMaterial& material) {
  if (const auto* extension = find_extension(source.extensions, "KHR_materials_ior")) {
    double ior = number_of(*extension, "ior", 1.5);
    if (ior < 1 && ior > 0.99) {  // rounded
      log_.mend(element_, fmt::format("ior must be at least 1, got {}; it becomes 1", ior));
      ior = 1;
    }
    if (ior != 0 && ior < 1) log_.fault(element_, fmt::format("ior must be at least 1, got {:g}", ior));
    // 0 stands for a surface that reflects all light at every angle, which a large number comes close to
    constexpr double kReflectsAll = 1000;
    material.ior = static_cast<float>(ior == 0 ? kReflectsAll : ior);
  }
  if (const auto* extension = find_extension(source.extensions, "KHR_materials_specular")) {
    material.specular = factor(number_of(*extension, "specularFactor", 1), "specularFactor");
    const std::vector<double> tint = numbers_of(*extension, "specularColorFactor", {1, 1, 1});
    const float red = not_negative(tint[0], "specularColorFactor");
    const float green = not_negative(tint[1], "specularColorFactor");
    const float blue = not_negative(tint[2], "specularColorFactor");
    material.specular_color = {red, green, blue};
    material.specular_texture = texture_of_value(*extension, "specularTexture");
    material.specular_color_texture = texture_of_value(*extension, "specularColorTexture");
  }
}

void GltfMaterialReader::convert_transmission(const tinygltf::Material& source, SceneMaterial& material) {
  if (const auto* extension = find_extension(source.extensions, "KHR_materials_transmission")) {
    material.transmission = factor(number_of(*extension, "transmissionFactor", 0), "transmissionFactor");
    material.transmission_texture = texture_of_value(*extension, "transmissionTexture");
  }
  if (const auto* extension = find_extension(source.extensions, "KHR_materials_volume")) {
    // a volume of thickness 0 is a thin wall; what lies between is the mesh itself, so that the number does
    // not matter
    material.thin_walled =
        !(not_negative(number_of(*extension, "thicknessFactor", 0), "thicknessFactor") > 0);
    const std::vector<double> tint = numbers_of(*extension, "attenuationColor", {1, 1, 1});
    const bool absorbs = tint != std::vector<double>{1, 1, 1} && extension->Has("attenuationDistance");
    if (absorbs && !material.thin_walled)
      log_.warn(element_, "absorption inside it (attenuationColor) is ignored");
  }
}

template <class Info>
std::optional<SceneTexture> GltfMaterialReader::texture(const Info& info, const char* use) {
  return resolve(info.index, info.texCoord, &info.extensions, nullptr, use);
}

std::optional<SceneTexture> GltfMaterialReader::texture_of_value(const tinygltf::Value& extension,
                                                                 const char* member) {
  if (!extension.Has(member)) return std::nullopt;
  const tinygltf::Value& info = extension.Get(member);
  const int index = static_cast<int>(number_of(info, "index", -1));
  const int uv_set = static_cast<int>(number_of(info, "texCoord", 0));
  const tinygltf::Value* extensions = info.Has("extensions") ? &info.Get("extensions") : nullptr;
  return resolve(index, uv_set, nullptr, extensions, member);
}

std::optional<SceneTexture> GltfMaterialReader::resolve(int index, int uv_set,
                                                        const tinygltf::ExtensionMap* extensions,
                                                        const tinygltf::Value* extension_values,
                                                        const char* use) {
  if (index < 0) return std::nullopt;
  const tinygltf::Texture& source = model_.textures[static_cast<std::size_t>(index)];
  const int picture = picture_of(source);
  if (picture < 0) {
    const bool unreadable = !source.extensions.empty();
    const std::string reason = unreadable ? fmt::format("its picture is of {}, which cannot be read",
                                                        printable(source.extensions.begin()->first))
                                          : fmt::format("texture {} has no image", index);
    log_.mend(element_, fmt::format("{} is left out: {}", use, reason));
    return std::nullopt;
  }
  SceneTexture texture;
  texture.uv_set = static_cast<std::uint32_t>(uv_set);
  apply_sampler(source.sampler, texture);
  const tinygltf::Value* transform = nullptr;
  if (extensions != nullptr) transform = find_extension(*extensions, "KHR_texture_transform");
  if (extension_values != nullptr && extension_values->Has("KHR_texture_transform")) {
    transform = &extension_values->Get("KHR_texture_transform");
  }
  if (transform != nullptr) apply_transform(*transform, texture);
  texture.image = image(picture);
  return texture;
}

void GltfMaterialReader::apply_transform(const tinygltf::Value& transform, SceneTexture& texture) {
  const std::vector<double> offset = numbers_of(transform, "offset", {0, 0});
  const std::vector<double> scale = numbers_of(transform, "scale", {1, 1});
  texture.offset = {static_cast<float>(offset[0]), static_cast<float>(offset[1])};
  texture.scale = {static_cast<float>(scale[0]), static_cast<float>(scale[1])};
  texture.rotation = static_cast<float>(number_of(transform, "rotation", 0));
  texture.uv_set = static_cast<std::uint32_t>(number_of(transform, "texCoord", texture.uv_set));
}

void GltfMaterialReader::apply_sampler(int index, SceneTexture& texture) {
  if (index < 0) return;
  const tinygltf::Sampler& sampler = model_.samplers[static_cast<std::size_t>(index)];
  texture.wrap_s = wrap_of(sampler.wrapS);
  texture.wrap_t = wrap_of(sampler.wrapT);
  texture.nearest = sampler.magFilter == TINYGLTF_TEXTURE_FILTER_NEAREST;
}

std::size_t GltfMaterialReader::image(int index) {
  if (const auto known = images_.find(index); known != images_.end()) return known->second;
  const auto number = static_cast<std::size_t>(index);
  const Json& source = document_["images"][number];
  const std::string uri = text_of(source, "uri");
  const bool external = !uri.empty() && !is_data_uri(uri);
  const std::string name = text_of(source, "name");
  std::string element = numbered_element_name("image", number, external ? uri : name);
  const auto add = [&]() -> std::size_t {
    if (external) {
      const Result<std::string> file = decode_uri(uri);
      if (!file) return textures_.add_bad(element, file.error());
      element = numbered_element_name("image", number, *file);
      return textures_.add(element, name.empty() ? *file : name, textures_.beside_scene(*file));
    }
    if (!uri.empty()) {
      Result<Bytes> bytes = decode_data_uri(uri);
      if (!bytes) return textures_.add_bad(element, bytes.error());
      return textures_.add(element, name, *std::move(bytes));
    }
    const auto view = source.find("bufferView");
    if (view == source.end())
      return textures_.add_bad(element, {ErrorKind::invalid_input, "has neither uri nor bufferView"});
    return textures_.add(element, name, buffers_.view(static_cast<std::size_t>(view->get<double>())));
  };
  const std::size_t place = add();
  images_.emplace(index, place);
  return place;
}

}  // namespace oct
