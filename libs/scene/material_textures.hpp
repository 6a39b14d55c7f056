#pragma once
#include <optional>
#include <vector>

#include "scene/scene.hpp"

namespace oct {

/// Every texture that a material can have.
std::vector<std::optional<SceneTexture>*> textures_of(SceneMaterial& material);

/// Takes away one of the material's textures, so that its factor stands alone. Emission goes with its picture: it
/// says where a surface glows, and without it all of it would.
void drop_texture(SceneMaterial& material, std::optional<SceneTexture>& texture);

/// Takes away the textures whose image is missing, by index into Scene::images.
void drop_textures(Scene& scene, const std::vector<bool>& missing);

/// Removes images that no material uses.
void drop_unused_images(Scene& scene);

}  // namespace oct
