#include "scene/material_textures.hpp"

#include <utility>

namespace oct {

std::vector<std::optional<SceneTexture>*> textures_of(SceneMaterial& material) {
  return {&material.base_color_texture,
          &material.metallic_roughness_texture,
          &material.normal_texture,
          &material.emission_texture,
          &material.transmission_texture,
          &material.specular_texture,
          &material.specular_color_texture,
          &material.clearcoat.texture,
          &material.clearcoat.roughness_texture,
          &material.clearcoat.normal_texture,
          &material.sheen.color_texture,
          &material.sheen.roughness_texture,
          &material.anisotropy.texture,
          &material.iridescence.texture,
          &material.iridescence.thickness_texture,
          &material.diffuse_transmission.texture,
          &material.diffuse_transmission.color_texture};
}

void drop_texture(SceneMaterial& material, std::optional<SceneTexture>& texture) {
  texture.reset();
  if (&texture == &material.emission_texture) material.emission = {0, 0, 0};
}

void drop_textures(Scene& scene, const std::vector<bool>& missing) {
  for (SceneMaterial& material : scene.materials) {
    for (auto* texture : textures_of(material)) {
      if (!texture->has_value() || !missing[(*texture)->image]) continue;
      drop_texture(material, *texture);
    }
  }
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

}  // namespace oct
