#include "render_data/validate_parts.hpp"

namespace oct::validation {
namespace {

u64 words_a_texel(TexelFormat format) {
  switch (format) {
    case TexelFormat::rgba8_srgb:
    case TexelFormat::rgba8_linear: return 1;
    case TexelFormat::rgba16_srgb:
    case TexelFormat::rgba16_linear: return 2;
    case TexelFormat::rgb32_float: return 3;
  }
  return 0;
}

/// Images follow each other without gap or overlap: else a few words could be made to cost a great many
/// checks.
Result<void> check_images(const RenderData& data) {
  u64 next_word = 0;
  for (std::size_t i = 0; i < data.texture_images.size(); ++i) {
    const TextureImage& image = data.texture_images[i];
    const u64 words = words_a_texel(image.format);
    if (words == 0 || image.pad != 0) return bad("image {}: unknown format", i);
    if (image.width < 1 || image.height < 1 || image.width > kMaxImageSide || image.height > kMaxImageSide) {
      return bad("image {}: {} x {} pixels", i, image.width, image.height);
    }
    const u64 size = words * image.width * image.height;
    if (image.first_word != next_word || size > data.texels.size() - next_word)
      return bad("image {}: its texels", i);
    next_word += size;
  }
  if (next_word != data.texels.size())
    return bad("{} texel words belong to no image", data.texels.size() - next_word);
  return {};
}

Result<void> check_float_texels(const RenderData& data, ThreadPool* pool) {
  for (std::size_t i = 0; i < data.texture_images.size(); ++i) {
    const TextureImage& image = data.texture_images[i];
    if (image.format != TexelFormat::rgb32_float) continue;
    const u32* words = data.texels.data() + image.first_word;
    const std::size_t count = std::size_t{3} * image.width * image.height;
    const std::size_t index = first_bad(
        pool, count, [&](std::size_t w) { return within(float_from_bits(words[w]), 0, kLargestRadiance); });
    if (index != count) return bad("image {}: texel {} is not within 0 and 1e12", i, index / 3);
  }
  return {};
}

const char* fault_of_slot(const TextureSlot& slot, std::size_t images) {
  if (slot.image >= images) return "no such image";
  if (slot.uv_set >= kUvSets || slot.nearest > 1) return "unknown coordinates or filter";
  if (slot.wrap_s > Wrap::mirrored_repeat || slot.wrap_t > Wrap::mirrored_repeat) return "unknown wrap mode";
  for (const float entry : slot.m) {
    if (!within(entry, -kLargestTextureCoordinate, kLargestTextureCoordinate))
      return "its transform is out of range";
  }
  return nullptr;
}

const char* fault_of_layers(const MaterialLayers& layers, std::size_t slots) {
  const auto& [coat, sheen, anisotropy, film, diffuse, volume] = layers;
  for (const float share :
       {coat.factor, coat.roughness, sheen.roughness, anisotropy.strength, film.factor, diffuse.factor}) {
    if (!within(share, 0, 1)) return "a factor is not within 0 and 1";
  }
  if (!within(coat.normal_scale, -kLargestNormalScale, kLargestNormalScale))
    return "clearcoat normal scale is out of range";
  if (!within(sheen.color, 0, 1)) return "sheen colour is not within 0 and 1";
  if (!is_unit({anisotropy.direction.x, anisotropy.direction.y, 0}))
    return "anisotropy direction is not unit";
  if (!within(film.ior, 1, kLargestIor)) return "iridescence ior is not within 1 and 1e4";
  if (!within(film.thickness_minimum_nm, 0, kLargestFilmThickness) ||
      !within(film.thickness_maximum_nm, 0, kLargestFilmThickness)) {
    return "iridescence thickness is not within 0 and 1e5 nm";
  }
  if (!within(diffuse.color, 0, 1)) return "diffuse transmission colour is not within 0 and 1";
  if (!within(volume.absorption, 0, kLargestAbsorption))
    return "absorption is not within 0 and 1e12 per metre";
  if (!within(volume.dispersion, 0, kLargestDispersion)) return "dispersion is not within 0 and 1e3";
  for (const u32 texture : {coat.texture, coat.roughness_texture, coat.normal_texture, sheen.color_texture,
                            sheen.roughness_texture, anisotropy.texture, film.texture, film.thickness_texture,
                            diffuse.texture, diffuse.color_texture}) {
    if (!exists_or_none(texture, slots)) return "no such texture";
  }
  return nullptr;
}

const char* fault_of_material(const Material& material, std::size_t slots, std::size_t layers) {
  constexpr u32 kFlags = kMaterialCullsBack | kMaterialUnlit | kMaterialThinWalled | kMaterialEmitsFrontOnly;
  if ((material.flags & ~kFlags) != 0 || material.alpha_mode > AlphaMode::blend)
    return "unknown flag or alpha mode";
  const float shares[] = {material.alpha, material.metallic, material.specular, material.roughness,
                          material.transmission};
  for (const float share : shares) {
    if (!within(share, 0, 1)) return "a factor is not within 0 and 1";
  }
  if (!within(material.base_color, 0, 1)) return "base colour is not within 0 and 1";
  if (!within(material.emission, 0, kLargestRadiance)) return "emission is not within 0 and 1e12";
  if (!within(material.specular_color, 0, kLargestRadiance)) return "specular colour is out of range";
  if (!within(material.ior, 1, kLargestIor)) return "ior is not within 1 and 1e4";
  if (!within(material.alpha_cutoff, 0, 2)) return "alpha cutoff is out of range";
  if (!within(material.normal_scale, -kLargestNormalScale, kLargestNormalScale))
    return "normal scale is out of range";
  const u32 textures[] = {material.base_color_texture,    material.metallic_roughness_texture,
                          material.normal_texture,        material.emission_texture,
                          material.transmission_texture,  material.specular_texture,
                          material.specular_color_texture};
  for (const u32 texture : textures) {
    if (!exists_or_none(texture, slots)) return "no such texture";
  }
  if (!exists_or_none(material.layers, layers)) return "no such layers";
  return nullptr;
}

}  // namespace

Result<void> check_textures(const RenderData& data, ThreadPool* pool) {
  OCT_TRY(check_images(data));
  OCT_TRY(check_float_texels(data, pool));
  return check_each(pool, "texture", data.texture_slots,
                    [&](const TextureSlot& slot) { return fault_of_slot(slot, data.texture_images.size()); });
}

Result<void> check_materials(const RenderData& data, ThreadPool* pool) {
  OCT_TRY(check_each(pool, "material layers", data.material_layers, [&](const MaterialLayers& layers) {
    return fault_of_layers(layers, data.texture_slots.size());
  }));
  return check_each(pool, "material", data.materials, [&](const Material& material) {
    return fault_of_material(material, data.texture_slots.size(), data.material_layers.size());
  });
}

}  // namespace oct::validation
