#include "scene/obj_pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "math/exponential.hpp"
#include "scene/material_textures.hpp"

namespace oct {
namespace {

enum class FloatCode { linear, srgb };

/// Of a linear value, 0 to 1.
std::uint8_t byte_of(float value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0.0f, 1.0f) * 255.0f + 0.5f);
}
float srgb_from_linear(float value) {
  return value <= 0.0031308f ? 12.92f * value : 1.055f * pow(value, 1.0f / 2.4f) - 0.055f;
}

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
    const float value = image_.rgb_float[pixel * 3 + channel_];
    return byte_of(float_code_ == FloatCode::srgb ? srgb_from_linear(value) : value);
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

/// Whether nine in ten pixels, as x y z in [-1, 1], are vectors of about unit length that look out of the surface,
/// half of them mostly along z. Heights are grey, with z no longer than x and y.
bool holds_normals(const SceneImage& image) {
  const Channel red(image, 0, image.width, image.height);
  const Channel green(image, 1, image.width, image.height);
  const Channel blue(image, 2, image.width, image.height);
  std::uint64_t normals = 0;
  std::uint64_t upright = 0;
  for (std::uint32_t y = 0; y < image.height; ++y) {
    for (std::uint32_t x = 0; x < image.width; ++x) {
      const auto signed_value = [&](const Channel& channel) { return 2 * int{channel.at(x, y)} - 255; };
      const int a = signed_value(red);
      const int b = signed_value(green);
      const int c = signed_value(blue);
      const int square = a * a + b * b + c * c;
      constexpr int kUnit = 255 * 255;
      normals += c > 0 && square > kUnit / 2 && square < kUnit * 3 / 2 ? 1 : 0;
      upright += c > std::max(a, b) + 64 ? 1 : 0;
    }
  }
  const std::uint64_t all = std::uint64_t{image.width} * image.height;
  return normals * 10 >= all * 9 && upright * 2 >= all;
}

bool is_grey(const SceneImage& image) {
  const Channel red(image, 0, image.width, image.height);
  const Channel green(image, 1, image.width, image.height);
  const Channel blue(image, 2, image.width, image.height);
  for (std::uint32_t y = 0; y < image.height; ++y) {
    for (std::uint32_t x = 0; x < image.width; ++x) {
      if (red.at(x, y) != green.at(x, y) || green.at(x, y) != blue.at(x, y)) return false;
    }
  }
  return true;
}

/// Grey as bright as red counts, coded as sRGB.
SceneImage colors_of_numbers(const SceneImage& numbers) {
  std::array<std::uint8_t, 256> code{};
  for (std::size_t i = 0; i < code.size(); ++i)
    code[i] = byte_of(srgb_from_linear(static_cast<float>(i) / 255.0f));
  SceneImage image = white_like(numbers);
  image.name = numbers.name;
  for (std::size_t channel = 0; channel < 3; ++channel) put_channel(numbers, 0, image, channel);
  for (std::size_t i = 0; i < image.rgba8.size(); ++i) {
    if (i % 4 != 3) image.rgba8[i] = code[image.rgba8[i]];
  }
  return image;
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

void ObjPictures::join_opacity(std::size_t material, std::size_t opacity, Color color) {
  opacity_.push_back({material, opacity, color});
}

void ObjPictures::check_normal_map(std::size_t material, std::string_view keyword, bool by_blender) {
  normal_maps_.push_back({material, std::string(keyword), by_blender});
}

/// A picture that is missing is white, its factor alone; without both there is nothing to put together.
void ObjPictures::put_metallic_roughness_together(const MetallicRoughness& join,
                                                  const std::vector<bool>& missing, Scene& scene) {
  const auto there = [&](const std::optional<std::size_t>& picture) { return picture && !missing[*picture]; };
  SceneMaterial& material = scene.materials[join.material];
  if (!there(join.roughness) && !there(join.metalness)) return material.metallic_roughness_texture.reset();
  SceneImage image = white_like(scene.images[there(join.roughness) ? *join.roughness : *join.metalness]);
  if (there(join.roughness)) put_channel(scene.images[*join.roughness], 0, image, 1);
  if (there(join.metalness)) put_channel(scene.images[*join.metalness], 0, image, 2);
  image.name = "roughness and metalness of " + material.name;
  material.metallic_roughness_texture->image = scene.images.size();
  scene.images.push_back(std::move(image));
}

void ObjPictures::make_sheen_colors(const std::vector<bool>& missing, Scene& scene) const {
  std::map<std::size_t, std::size_t> known;  // by picture of numbers
  for (const std::size_t material : sheens_) {
    std::optional<SceneTexture>& texture = scene.materials[material].sheen.color_texture;
    if (!texture || missing[texture->image]) continue;
    const auto [place, is_new] = known.try_emplace(texture->image, scene.images.size());
    if (is_new) scene.images.push_back(colors_of_numbers(scene.images[texture->image]));
    texture->image = place->second;
  }
}

void ObjPictures::put_opacity_in(const Opacity& join, const std::vector<bool>& missing, Scene& scene) {
  std::optional<SceneTexture>& texture = scene.materials[join.material].base_color_texture;
  if (missing[join.opacity] || !texture) return;
  const SceneImage& opacity = scene.images[join.opacity];
  const bool has_color = join.color == Color::picture && !missing[texture->image];
  const SceneImage& color = has_color ? scene.images[texture->image] : opacity;
  SceneImage image = white_like(color);
  for (std::size_t c = 0; has_color && c < 3; ++c) put_channel(color, c, image, c, FloatCode::srgb);
  put_channel(opacity, has_alpha(opacity) ? 3 : 0, image, 3);
  image.name = color.name;
  texture->image = scene.images.size();
  scene.images.push_back(std::move(image));
}

/// Many writers give their normal map as map_Bump.
void ObjPictures::drop_height_maps(Scene& scene, ImportLog& log) {
  for (const NormalMap& map : normal_maps_) {
    SceneMaterial& material = scene.materials[map.material];
    if (!material.normal_texture) continue;
    const SceneImage& image = scene.images[material.normal_texture->image];
    if (holds_normals(image) || (map.by_blender && !is_grey(image))) continue;
    material.normal_texture.reset();
    log.warn(element_name("material", map.material, material.name),
             fmt::format("{} is a height map, which is ignored", map.keyword));
  }
}

void ObjPictures::finish(Scene& scene, ImportLog& log) {
  std::vector<bool> missing = loader_.load(scene, log);
  if (log.has_faults()) return;
  for (const MetallicRoughness& join : metallic_roughness_)
    put_metallic_roughness_together(join, missing, scene);
  for (const Opacity& join : opacity_) put_opacity_in(join, missing, scene);
  make_sheen_colors(missing, scene);
  missing.resize(scene.images.size());
  drop_textures(scene, missing);
  drop_height_maps(scene, log);
  drop_unused_images(scene);
}

}  // namespace oct
