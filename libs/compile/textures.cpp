#include "compile/textures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "math/transcendental.hpp"
#include "math/vec.hpp"

namespace oct {
namespace {

std::string image_label(const PosedScene& scene, std::size_t index) {
  return fmt::format("image {} \"{}\"", index, scene.images[index].name);
}

/// The pixels as they came, whichever of the three kinds they are.
ByteView pixels_of(const SceneImage& image) {
  if (!image.rgba8.empty()) return std::as_bytes(std::span(image.rgba8));
  if (!image.rgba16.empty()) return std::as_bytes(std::span(image.rgba16));
  return std::as_bytes(std::span(image.rgb_float));
}

Result<void> check_image(const PosedScene& scene, std::size_t index) {
  const SceneImage& image = scene.images[index];
  if (image.width == 0 || image.height == 0 || image.width > kMaxImageSide || image.height > kMaxImageSide) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: {} x {} pixels; each side must be from 1 to {}", image_label(scene, index),
                            image.width, image.height, kMaxImageSide));
  }
  const std::size_t pixels = std::size_t{image.width} * image.height;
  const int kinds = !image.rgba8.empty() + !image.rgba16.empty() + !image.rgb_float.empty();
  const bool fits = image.rgba8.size() == 4 * pixels || image.rgba16.size() == 4 * pixels ||
                    image.rgb_float.size() == 3 * pixels;
  if (kinds == 1 && fits) return {};
  return fail(ErrorKind::invalid_input, fmt::format("{}: its pixels do not fill {} x {}",
                                                    image_label(scene, index), image.width, image.height));
}

TexelFormat format_of(const SceneImage& image, TexelUse use) {
  if (!image.rgb_float.empty()) return TexelFormat::rgb32_float;
  const bool srgb = use == TexelUse::color;
  if (!image.rgba8.empty()) return srgb ? TexelFormat::rgba8_srgb : TexelFormat::rgba8_linear;
  return srgb ? TexelFormat::rgba16_srgb : TexelFormat::rgba16_linear;
}

/// Writes the pixels [begin, end) of an image, counted in words, as texels: integers are little-endian words as they
/// are.
void write_texels(const SceneImage& image, std::size_t begin, std::size_t end, u32* texels) {
  std::memcpy(texels + begin, pixels_of(image).data() + begin * sizeof(u32), (end - begin) * sizeof(u32));
  if (image.rgb_float.empty()) return;
  for (std::size_t i = begin; i < end; ++i) texels[i] = bits_of(clean_radiance(float_from_bits(texels[i])));
}

std::size_t word_count(const SceneImage& image) {
  return pixels_of(image).size() / sizeof(u32);
}

/// Hashes of the pixels of images. Only those of equal size can be equal, so that few are hashed.
std::vector<Digest> contents_of(std::span<const SceneImage> images, ThreadPool& pool) {
  std::map<std::pair<u32, u32>, std::size_t> of_size;
  for (const SceneImage& image : images) ++of_size[{image.width, image.height}];
  std::vector<Digest> contents(images.size());
  pool.for_each(images.size(), [&](std::size_t i) {
    if (of_size.at({images[i].width, images[i].height}) > 1) contents[i] = sha256(pixels_of(images[i]));
  });
  return contents;
}

/// Image from mesh coordinates as KHR_texture_transform has it: scale, then rotation, then offset.
TextureSlot make_slot(const SceneTexture& texture, u32 image) {
  const float angle = is_finite(texture.rotation) ? texture.rotation : 0.0f;
  const float s = sin(angle);
  const float c = cos(angle);
  const auto& scale = texture.scale;
  TextureSlot slot{};
  slot.image = image;
  slot.uv_set = texture.uv_set;
  slot.wrap_s = texture.wrap_s;
  slot.wrap_t = texture.wrap_t;
  slot.nearest = texture.nearest ? 1 : 0;
  const float m[6] = {c * scale[0],    s * scale[1], texture.offset[0],
                      -(s * scale[0]), c * scale[1], texture.offset[1]};
  for (int i = 0; i < 6; ++i)
    slot.m[i] = clamp(m[i], -kLargestTextureCoordinate, kLargestTextureCoordinate) +
                0.0f;  // no -0, so that equal slots are equal
  return slot;
}

}  // namespace

float clean_radiance(float value) {
  return value > 1e-30f ? min(value, kLargestRadiance) : 0.0f;
}
Vec3 clean_radiance(Vec3 value) {
  return {clean_radiance(value.x), clean_radiance(value.y), clean_radiance(value.z)};
}

RenderData image_alone(const SceneImage& image, TexelUse use) {
  RenderData data;
  data.texture_images.edit().push_back({image.width, image.height, format_of(image, use), 0, 0});
  std::vector<u32>& texels = data.texels.edit();
  texels.resize(word_count(image));
  write_texels(image, 0, texels.size(), texels.data());
  return data;
}

Result<TextureTable> TextureTable::make(const PosedScene& scene, ThreadPool& pool) {
  TextureTable table;
  table.scene_ = &scene;
  for (std::size_t i = 0; i < scene.images.size(); ++i) OCT_TRY(check_image(scene, i));
  for (const SceneImage& image : scene.images) table.word_count_ += word_count(image);
  table.contents_ = contents_of(scene.images, pool);
  return table;
}

Result<u32> TextureTable::add_image(std::size_t image, TexelUse use, RenderData& data) {
  if (image >= scene_->images.size()) {
    return fail(ErrorKind::invalid_input, fmt::format("a texture uses image {}, but there are {} images",
                                                      image, scene_->images.size()));
  }
  const SceneImage& source = scene_->images[image];
  const TexelFormat format = format_of(source, use);
  const ImageKey key{contents_[image], source.width, source.height, format};
  const auto [place, is_new] = images_.try_emplace(key, static_cast<u32>(data.texture_images.size()));
  if (is_new) {
    data.texture_images.edit().push_back({source.width, source.height, format, 0, words_added_});
    unfilled_.push_back({&source, words_added_});
    words_added_ += word_count(source);
  }
  return place->second;
}

void TextureTable::fill(ThreadPool& pool, RenderData& data) {
  if (unfilled_.empty()) return;
  constexpr std::size_t kPieceWords = std::size_t{1} << 17;
  struct Piece {
    const Unfilled* target;
    std::size_t begin, end;
  };
  std::vector<Piece> pieces;
  for (const Unfilled& target : unfilled_) {
    const std::size_t count = word_count(*target.image);
    for (std::size_t begin = 0; begin < count; begin += kPieceWords)
      pieces.push_back({&target, begin, std::min(begin + kPieceWords, count)});
  }
  std::vector<u32>& texels = data.texels.edit();
  texels.reserve(std::max(word_count_, words_added_));  // no growing by copies
  texels.resize(words_added_);
  pool.for_each(pieces.size(), [&](std::size_t i) {
    const auto& [target, begin, end] = pieces[i];
    write_texels(*target->image, begin, end, texels.data() + target->first_word);
  });
  unfilled_.clear();
}

Result<u32> TextureTable::add_slot(const SceneTexture& texture, TexelUse use, RenderData& data) {
  if (texture.uv_set >= kUvSets) {
    return fail(
        ErrorKind::invalid_input,
        fmt::format("a texture uses set {} of texture coordinates; a mesh has at most {}, numbered from 0",
                    texture.uv_set, kUvSets));
  }
  OCT_TRY_ASSIGN(const u32 image, add_image(texture.image, use, data));
  const TextureSlot slot = make_slot(texture, image);
  const auto [place, is_new] =
      slots_.try_emplace(sha256(bytes_of_value(slot)), static_cast<u32>(data.texture_slots.size()));
  if (is_new) data.texture_slots.edit().push_back(slot);
  return place->second;
}

}  // namespace oct
