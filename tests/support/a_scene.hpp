#pragma once
#include <cmath>

#include "scene/scene.hpp"

// Small scenes for tests, built by + - * / alone, so that they are the same everywhere.

namespace oct::test {

/// A square from -1 to 1 in x and y, facing +Z, in 2 triangles, with normals and both sets of texture
/// coordinates.
inline SceneMesh a_quad() {
  SceneMesh mesh;
  mesh.name = "quad";
  mesh.positions = {{-1, -1, 0}, {1, -1, 0}, {1, 1, 0}, {-1, 1, 0}};
  mesh.normals = {{0, 0, 1}, {0, 0, 1}, {0, 0, 1}, {0, 0, 1}};
  mesh.uvs[0] = {{0, 1}, {1, 1}, {1, 0}, {0, 0}};
  mesh.uvs[1] = {{0, 2}, {2, 2}, {2, 0}, {0, 0}};
  mesh.triangles = {{{0, 1, 2}}, {{0, 2, 3}}};
  return mesh;
}

/// A wavy sheet of cells x cells x 2 triangles over [-1, 1] x [-1, 1], with smooth normals.
inline SceneMesh a_sheet(u32 cells) {
  SceneMesh mesh;
  mesh.name = "sheet";
  for (u32 j = 0; j <= cells; ++j) {
    for (u32 i = 0; i <= cells; ++i) {
      const float x = 2.0f * static_cast<float>(i) / static_cast<float>(cells) - 1.0f;
      const float y = 2.0f * static_cast<float>(j) / static_cast<float>(cells) - 1.0f;
      mesh.positions.push_back({x, y, 0.25f * x * y * (1.0f - x * x)});
      mesh.normals.push_back({0.25f * (3.0f * x * x * y - y), 0.25f * (x * x * x - x), 1.0f});
      mesh.uvs[0].push_back({0.5f * x + 0.5f, 0.5f - 0.5f * y});
    }
  }
  const u32 row = cells + 1;
  for (u32 j = 0; j < cells; ++j) {
    for (u32 i = 0; i < cells; ++i) {
      const u32 a = j * row + i;
      mesh.triangles.push_back({{a, a + 1, a + row + 1}});
      mesh.triangles.push_back({{a, a + row + 1, a + row}});
    }
  }
  return mesh;
}

/// An 8-bit image whose pixels are all different.
inline SceneImage an_image(std::uint32_t width, std::uint32_t height) {
  SceneImage image;
  image.name = "pattern";
  image.width = width;
  image.height = height;
  for (u32 i = 0; i < width * height; ++i) {
    for (const u32 value : {i * 7, i * 13 + 5, i * 29 + 11, 255u - i})
      image.rgba8.push_back(static_cast<u8>(value));
  }
  return image;
}

/// A float image: dim, with one bright pixel.
inline SceneImage a_sky(std::uint32_t width, std::uint32_t height) {
  SceneImage image;
  image.name = "sky";
  image.width = width;
  image.height = height;
  image.rgb_float.assign(std::size_t{width} * height * 3, 0.25f);
  const std::size_t sun = (std::size_t{height / 4} * width + width / 3) * 3;
  for (std::size_t channel = 0; channel < 3; ++channel) image.rgb_float[sun + channel] = 500.0f;
  return image;
}

inline Transform moved(float x, float y, float z, float scale = 1) {
  return {{scale, 0, 0, x, 0, scale, 0, y, 0, 0, scale, z}};
}

/// A scene with something of everything: a textured sheet, mirrored and scaled instances, a textured lamp,
/// glass, all kinds of punctual lights, an environment image, a camera that sees it.
inline Scene a_scene() {
  Scene scene;
  scene.name = "everything";
  scene.images = {an_image(4, 4), a_sky(16, 8)};
  SceneMaterial painted;
  painted.name = "painted";
  painted.metallic = 0;
  painted.roughness = 0.5f;
  painted.base_color_texture = SceneTexture{.image = 0, .rotation = 0.5f, .scale = {2, 3}};
  painted.normal_texture = SceneTexture{.image = 0};
  SceneMaterial lamp;
  lamp.name = "lamp";
  lamp.emission = {4, 3, 2};
  lamp.emission_texture = SceneTexture{.image = 0};
  lamp.double_sided = true;
  SceneMaterial glass;
  glass.name = "glass";
  glass.transmission = 1;
  glass.roughness = 0;
  glass.metallic = 0;
  glass.thin_walled = false;
  scene.materials = {painted, lamp, glass};
  scene.meshes = {a_sheet(8), a_quad()};
  Transform mirrored = moved(0, 0.5f, -1);
  mirrored.m[0] = -1;
  scene.instances = {{"floor", 0, 0, moved(0, 0, 0, 3)},
                     {"lamp", 1, 1, moved(0, 0, 2, 0.5f)},
                     {"pane", 1, 2, moved(0.5f, 0, 1, 0.25f)},
                     {"mirrored", 1, 0, mirrored}};
  scene.lights.resize(3);
  scene.lights[0] = {
      .name = "bulb", .kind = SceneLightKind::point, .position = {1, 1, 1}, .intensity = {5, 5, 5}};
  scene.lights[1] = {.name = "spot",
                     .kind = SceneLightKind::spot,
                     .position = {-1, 1, 2},
                     .intensity = {9, 8, 7},
                     .inner_cone_degrees = 10,
                     .outer_cone_degrees = 30};
  scene.lights[2] = {.name = "sun",
                     .kind = SceneLightKind::directional,
                     .direction = {1, -2, -3},
                     .intensity = {2, 2, 1},
                     .angular_diameter_degrees = 0.53f};
  SceneCamera camera;
  camera.name = "camera";
  camera.world_from_camera = moved(0, 0, 6);
  camera.lens_radius_m = 0.01f;
  camera.focus_distance_m = 6;
  scene.cameras = {camera};
  scene.environment = SceneEnvironment{.image = 1, .rotation_degrees = 30};
  return scene;
}

}  // namespace oct::test
