#include "scene/gltf_textures.hpp"

#include <fmt/format.h>

#include "scene/uri.hpp"

namespace oct {
namespace {

// Numbers that samplers of glTF have of OpenGL (section 5.26).
constexpr std::uint64_t kNearest = 9728, kClampToEdge = 33071, kMirroredRepeat = 33648;

Wrap wrap_of(std::uint64_t mode) {
  if (mode == kClampToEdge) return Wrap::clamp_to_edge;
  if (mode == kMirroredRepeat) return Wrap::mirrored_repeat;
  return Wrap::repeat;
}

/// A WebP picture comes before the one for those who cannot read it. -1 = none that can be read.
int picture_of(const Json& texture) {
  const Json* webp = find_extension(texture, "EXT_texture_webp");
  const int source = webp != nullptr ? index_in(*webp, "source") : -1;
  return source >= 0 ? source : index_in(texture, "source");
}

std::string why_without_picture(const Json& texture, std::size_t index) {
  const Json* extensions = find_member(texture, "extensions");
  if (extensions == nullptr || extensions->empty()) return fmt::format("texture {} has no image", index);
  return fmt::format("its picture is of {}, which cannot be read", printable(extensions->begin().key()));
}

void apply_transform(const Json& transform, SceneTexture& texture) {
  const std::array<double, 2> offset = numbers_or<2>(transform, "offset", {0, 0});
  const std::array<double, 2> scale = numbers_or<2>(transform, "scale", {1, 1});
  texture.offset = {static_cast<float>(offset[0]), static_cast<float>(offset[1])};
  texture.scale = {static_cast<float>(scale[0]), static_cast<float>(scale[1])};
  texture.rotation = static_cast<float>(number_or(transform, "rotation", 0));
  texture.uv_set = static_cast<std::uint32_t>(whole_or(transform, "texCoord", texture.uv_set));
}

}  // namespace

std::optional<SceneTexture> GltfTextures::read(const Json& object, const std::string& element,
                                               const char* use) {
  const Json* info = find_member(object, use);
  if (info == nullptr) return std::nullopt;
  const auto index = static_cast<std::size_t>(index_in(*info, "index"));
  const Json& source = document_["textures"][index];
  const int picture = picture_of(source);
  if (picture < 0) {
    log_.mend(element, fmt::format("{} is left out: {}", use, why_without_picture(source, index)));
    return std::nullopt;
  }
  SceneTexture texture;
  texture.uv_set = static_cast<std::uint32_t>(whole_or(*info, "texCoord", 0));
  apply_sampler(index_in(source, "sampler"), texture);
  if (const Json* transform = find_extension(*info, "KHR_texture_transform"))
    apply_transform(*transform, texture);
  texture.image = image(picture);
  return texture;
}

void GltfTextures::apply_sampler(int index, SceneTexture& texture) {
  if (index < 0) return;
  const Json& sampler = document_["samplers"][static_cast<std::size_t>(index)];
  texture.wrap_s = wrap_of(whole_or(sampler, "wrapS", 0));
  texture.wrap_t = wrap_of(whole_or(sampler, "wrapT", 0));
  texture.nearest = whole_or(sampler, "magFilter", 0) == kNearest;
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
  const std::string uri = text_in(source, "uri");
  const std::string name = text_in(source, "name");
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
  const int view = index_in(source, "bufferView");
  if (view < 0) return loader_.add_bad(element, {ErrorKind::invalid_input, "has neither uri nor bufferView"});
  return loader_.add(element, name, buffers_.view(static_cast<std::size_t>(view)));
}

}  // namespace oct
