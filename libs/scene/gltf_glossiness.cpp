#include "scene/gltf_glossiness.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "math/vec.hpp"

namespace oct {
namespace {

/// 1 - factor a of codes from 0 to `most`, in integers so that it is the same everywhere.
/// factor  in units of 1 / 65535
template <class Code>
Code roughness_code(Code a, std::uint64_t factor) {
  constexpr std::uint64_t kMost = static_cast<Code>(~Code{0});
  constexpr std::uint64_t kUnit = 65535;
  return static_cast<Code>((kMost * kUnit - factor * a + kUnit / 2) / kUnit);
}

/// Roughness in G from glossiness in A; white elsewhere.
template <class Code>
std::vector<Code> roughness_pixels(const std::vector<Code>& pixels, std::uint64_t factor) {
  std::vector<Code> roughness(pixels.size(), static_cast<Code>(~Code{0}));
  for (std::size_t i = 0; i < pixels.size(); i += 4) roughness[i + 1] = roughness_code(pixels[i + 3], factor);
  return roughness;
}

SceneImage roughness_image(const SceneImage& source, std::uint64_t factor) {
  SceneImage image;
  image.name = "roughness of " + source.name;
  image.width = source.width;
  image.height = source.height;
  image.rgba8 = roughness_pixels(source.rgba8, factor);
  image.rgba16 = roughness_pixels(source.rgba16, factor);
  return image;
}

std::uint64_t pixels_of(const Scene& scene) {
  std::uint64_t pixels = 0;
  for (const SceneImage& image : scene.images) pixels += std::uint64_t{image.width} * image.height;
  return pixels;
}

}  // namespace

void GltfGlossiness::read(const GltfExtension& source, std::size_t place, SceneMaterial& material) {
  const std::vector<double> diffuse = source.numbers("diffuseFactor", {1, 1, 1, 1});
  const float glossiness = source.share("glossinessFactor", 1);
  const Vec3 specular = source.shares("specularFactor", 1);
  material.base_color = source.factors().shares(diffuse, "diffuseFactor");
  material.alpha = source.factors().share(diffuse[3], "diffuseFactor");
  material.base_color_texture = source.texture("diffuseTexture");
  material.metallic = 0;
  material.ior = 1.5f;
  material.specular = 1;
  material.specular_texture.reset();
  material.specular_color = specular / kGlassReflectance;
  material.specular_color_texture = source.texture("specularGlossinessTexture");
  material.metallic_roughness_texture = material.specular_color_texture;
  material.roughness = 1.0f - glossiness;
  if (material.metallic_roughness_texture && glossiness > 0.0f) {
    uses_.push_back({place, glossiness});
  } else {
    material.metallic_roughness_texture.reset();
  }
}

void GltfGlossiness::finish(std::vector<bool>& missing, Scene& scene, ImportLog& log) const {
  std::map<std::pair<std::size_t, std::uint64_t>, std::size_t> known;  // by picture and factor
  std::uint64_t pixels = pixels_of(scene);
  for (const Use& use : uses_) {
    SceneMaterial& material = scene.materials[use.material];
    std::optional<SceneTexture>& texture = material.metallic_roughness_texture;
    // without alpha all of it is glossy
    const bool has_glossiness =
        texture && !missing[texture->image] && scene.images[texture->image].rgb_float.empty();
    if (!has_glossiness) {
      texture.reset();
      continue;
    }
    const auto factor = static_cast<std::uint64_t>(use.factor * 65535.0f + 0.5f);
    const auto [place, is_new] = known.try_emplace({texture->image, factor}, scene.images.size());
    if (is_new) {
      const SceneImage& source = scene.images[texture->image];
      pixels += std::uint64_t{source.width} * source.height;
      if (pixels > kMaxScenePixels) {
        return log.fault("",
                         fmt::format("its pictures have more than {} million pixels together, counting those "
                                     "of roughness that are made from glossiness",
                                     kMaxScenePixels / 1000000));
      }
      scene.images.push_back(roughness_image(source, factor));
      missing.push_back(false);
    }
    texture->image = place->second;
    material.roughness = 1;
  }
}

}  // namespace oct
