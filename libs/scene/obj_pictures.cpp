#include "scene/obj_pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "math/exponential.hpp"

namespace oct {
namespace {

enum class FloatCode { linear, srgb };

/// One channel of a picture as if it had another size, nearest pixel, 8 bits. Pictures of floats are linear and have
/// no alpha.
class Channel {
 public:
  Channel(const SceneImage& image, std::size_t channel, std::uint32_t width, std::uint32_t height,
          FloatCode float_code = FloatCode::linear)
      : image_(image), channel_(channel), width_(width), height_(height), float_code_(float_code) {}

  std::uint8_t at(std::uint32_t x, std::uint32_t y) const {
    const std::uint64_t source_x = std::uint64_t{x} * image_.width / width_;
    const std::uint64_t source_y = std::uint64_t{y} * image_.height / height_;
    const std::size_t pixel = source_y * image_.width + source_x;
    if (!image_.rgb_float.empty()) return float_code(pixel);
    const std::size_t place = pixel * 4 + channel_;
    return image_.rgba8.empty() ? static_cast<std::uint8_t>(image_.rgba16[place] >> 8) : image_.rgba8[place];
  }

 private:
  std::uint8_t float_code(std::size_t pixel) const {
    if (channel_ == 3) return 255;
    float value = image_.rgb_float[pixel * 3 + channel_];
    if (float_code_ == FloatCode::srgb)
      value = value <= 0.0031308f ? 12.92f * value : 1.055f * pow(value, 1.0f / 2.4f) - 0.055f;
    return static_cast<std::uint8_t>(std::clamp(value, 0.0f, 1.0f) * 255.0f + 0.5f);
  }

  const SceneImage& image_;
  std::size_t channel_;
  std::uint32_t width_, height_;
  FloatCode float_code_;
};

SceneImage white_like(const SceneImage& size) {
  SceneImage image;
  image.width = size.width;
  image.height = size.height;
  image.rgba8.assign(std::size_t{size.width} * size.height * 4, 255);
  return image;
}

/// Copies a channel of `from` to a channel of `to`.
void put_channel(const SceneImage& from, std::size_t from_channel, SceneImage& to, std::size_t to_channel,
                 FloatCode float_code = FloatCode::linear) {
  const Channel source(from, from_channel, to.width, to.height, float_code);
  for (std::uint32_t y = 0; y < to.height; ++y) {
    for (std::uint32_t x = 0; x < to.width; ++x) {
      to.rgba8[(std::size_t{y} * to.width + x) * 4 + to_channel] = source.at(x, y);
    }
  }
}

bool has_alpha(const SceneImage& image) {
  const Channel alpha(image, 3, image.width, image.height);
  for (std::uint32_t y = 0; y < image.height; ++y) {
    for (std::uint32_t x = 0; x < image.width; ++x) {
      if (alpha.at(x, y) != 255) return true;
    }
  }
  return false;
}

std::vector<std::optional<SceneTexture>*> textures_of(SceneMaterial& material) {
  return {&material.base_color_texture,    &material.metallic_roughness_texture, &material.normal_texture,
          &material.emission_texture,      &material.transmission_texture,       &material.specular_texture,
          &material.specular_color_texture};
}

void drop_unused_images(Scene& scene) {
  std::vector<bool> used(scene.images.size());
  for (SceneMaterial& material : scene.materials) {
    for (const auto* texture : textures_of(material)) {
      if (texture->has_value()) used[(*texture)->image] = true;
    }
  }
  std::vector<std::size_t> place(scene.images.size());
  std::vector<SceneImage> kept;
  for (std::size_t i = 0; i < used.size(); ++i) {
    place[i] = kept.size();
    if (used[i]) kept.push_back(std::move(scene.images[i]));
  }
  scene.images = std::move(kept);
  for (SceneMaterial& material : scene.materials) {
    for (auto* texture : textures_of(material)) {
      if (texture->has_value()) (*texture)->image = place[(*texture)->image];
    }
  }
}

}  // namespace

std::size_t ObjPictures::add(const std::string& file, const std::string& beside) {
  std::string name = file;
  std::replace(name.begin(), name.end(), '\\', '/');
  const std::pair key(beside, name);
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  const std::string element = fmt::format("image \"{}\"", printable(name));
  return known_.emplace(key, loader_.add(element, name, TextureLoader::FileName{name, beside})).first->second;
}

void ObjPictures::join_metallic_roughness(std::size_t material, std::optional<std::size_t> roughness,
                                          std::optional<std::size_t> metalness) {
  metallic_roughness_.push_back({material, roughness, metalness});
}

void ObjPictures::join_opacity(std::size_t material, std::size_t opacity) {
  opacity_.push_back({material, opacity});
}

void ObjPictures::finish(Scene& scene, ImportLog& log) {
  loader_.load(scene, log);
  if (log.has_faults()) return;
  for (const MetallicRoughness& join : metallic_roughness_) {
    SceneImage image = white_like(scene.images[join.roughness ? *join.roughness : *join.metalness]);
    if (join.roughness) put_channel(scene.images[*join.roughness], 0, image, 1);
    if (join.metalness) put_channel(scene.images[*join.metalness], 0, image, 2);
    image.name = "roughness and metalness of " + scene.materials[join.material].name;
    scene.materials[join.material].metallic_roughness_texture->image = scene.images.size();
    scene.images.push_back(std::move(image));
  }
  for (const Opacity& join : opacity_) {
    SceneTexture& texture = *scene.materials[join.material].base_color_texture;
    const SceneImage& color = scene.images[texture.image];
    const SceneImage& opacity = scene.images[join.opacity];
    SceneImage image = white_like(color);
    for (std::size_t c = 0; c < 3; ++c) put_channel(color, c, image, c, FloatCode::srgb);
    put_channel(opacity, has_alpha(opacity) ? 3 : 0, image, 3);
    image.name = color.name;
    texture.image = scene.images.size();
    scene.images.push_back(std::move(image));
  }
  drop_unused_images(scene);
}

}  // namespace oct
