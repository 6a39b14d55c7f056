#include "scene/gltf_textures.hpp"

#include <fmt/format.h>

#include "scene/gltf_values.hpp"
#include "scene/uri.hpp"

namespace oct {
namespace {

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

std::string text_of(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() ? member->get<std::string>() : std::string();
}

void apply_transform(const tinygltf::Value& transform, SceneTexture& texture) {
  const std::vector<double> offset = numbers_of(transform, "offset", {0, 0});
  const std::vector<double> scale = numbers_of(transform, "scale", {1, 1});
  texture.offset = {static_cast<float>(offset[0]), static_cast<float>(offset[1])};
  texture.scale = {static_cast<float>(scale[0]), static_cast<float>(scale[1])};
  texture.rotation = static_cast<float>(number_of(transform, "rotation", 0));
  texture.uv_set = static_cast<std::uint32_t>(number_of(transform, "texCoord", texture.uv_set));
}

}  // namespace

std::optional<SceneTexture> GltfTextures::read(const tinygltf::Value& extension, const std::string& element,
                                               const char* use) {
  if (!extension.Has(use)) return std::nullopt;
  const tinygltf::Value& info = extension.Get(use);
  const int index = static_cast<int>(number_of(info, "index", -1));
  const int uv_set = static_cast<int>(number_of(info, "texCoord", 0));
  const tinygltf::Value* transform = nullptr;
  if (info.Has("extensions") && info.Get("extensions").Has(kTransform))
    transform = &info.Get("extensions").Get(kTransform);
  return resolve(index, uv_set, transform, element, use);
}

std::optional<SceneTexture> GltfTextures::resolve(int index, int uv_set, const tinygltf::Value* transform,
                                                  const std::string& element, const char* use) {
  if (index < 0) return std::nullopt;
  const tinygltf::Texture& source = model_.textures[static_cast<std::size_t>(index)];
  const int picture = picture_of(source);
  if (picture < 0) {
    const bool unreadable = !source.extensions.empty();
    const std::string reason = unreadable ? fmt::format("its picture is of {}, which cannot be read",
                                                        printable(source.extensions.begin()->first))
                                          : fmt::format("texture {} has no image", index);
    log_.mend(element, fmt::format("{} is left out: {}", use, reason));
    return std::nullopt;
  }
  SceneTexture texture;
  texture.uv_set = static_cast<std::uint32_t>(uv_set);
  apply_sampler(source.sampler, texture);
  if (transform != nullptr) apply_transform(*transform, texture);
  texture.image = image(picture);
  return texture;
}

void GltfTextures::apply_sampler(int index, SceneTexture& texture) {
  if (index < 0) return;
  const tinygltf::Sampler& sampler = model_.samplers[static_cast<std::size_t>(index)];
  texture.wrap_s = wrap_of(sampler.wrapS);
  texture.wrap_t = wrap_of(sampler.wrapT);
  texture.nearest = sampler.magFilter == TINYGLTF_TEXTURE_FILTER_NEAREST;
}

std::size_t GltfTextures::image(int index) {
  const auto known = images_.find(index);
  if (known != images_.end()) return known->second;
  const std::size_t place = add_image(static_cast<std::size_t>(index));
  images_.emplace(index, place);
  return place;
}

std::size_t GltfTextures::add_image(std::size_t number) {
  const Json& source = document_["images"][number];
  const std::string uri = text_of(source, "uri");
  const std::string name = text_of(source, "name");
  if (!uri.empty() && !is_data_uri(uri)) {
    const Result<std::string> file = decode_uri(uri);
    if (!file) return loader_.add_bad(numbered_element_name("image", number, uri), file.error());
    return loader_.add(numbered_element_name("image", number, *file), name.empty() ? *file : name,
                       loader_.beside_scene(*file));
  }
  const std::string element = numbered_element_name("image", number, name);
  if (!uri.empty()) {
    Result<Bytes> bytes = decode_data_uri(uri);
    if (!bytes) return loader_.add_bad(element, bytes.error());
    return loader_.add(element, name, *std::move(bytes));
  }
  const auto view = source.find("bufferView");
  if (view == source.end())
    return loader_.add_bad(element, {ErrorKind::invalid_input, "has neither uri nor bufferView"});
  return loader_.add(element, name, buffers_.view(static_cast<std::size_t>(view->get<double>())));
}

}  // namespace oct
