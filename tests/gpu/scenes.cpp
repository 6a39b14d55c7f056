#include "gpu/scenes.hpp"

#include <cmath>

#include "math/vec.hpp"
#include "support/test_scenes.hpp"

namespace oct::test {
namespace {

Transform at(Vec3 position, float size) {
  return {{size, 0, 0, position.x, 0, size, 0, position.y, 0, 0, size, position.z}};
}

std::size_t add_ball(Scene& scene, std::size_t mesh, SceneMaterial material, Vec3 position, float size) {
  scene.materials.push_back(std::move(material));
  SceneInstance instance;
  instance.mesh = mesh;
  instance.material = scene.materials.size() - 1;
  instance.world_from_object = at(position, size);
  scene.instances.push_back(instance);
  return scene.instances.size() - 1;
}

/// An environment image with a bright spot, so that there is something to draw by importance.
void add_sky(Scene& scene) {
  SceneImage image;
  image.width = 64;
  image.height = 32;
  for (std::uint32_t y = 0; y < image.height; ++y) {
    for (std::uint32_t x = 0; x < image.width; ++x) {
      const bool sun = x >= 20 && x < 22 && y >= 6 && y < 8;
      const float up = 1 - static_cast<float>(y) / 32;
      for (const float value : {sun ? 400.0f : 0.3f * up, sun ? 380.0f : 0.4f * up, sun ? 300.0f : 0.8f * up})
        image.rgb_float.push_back(value);
    }
  }
  scene.environment = constant_environment(1);
  scene.environment->image = scene.images.size();
  scene.images.push_back(std::move(image));
}

/// 1024 instances of a ball of 20 000 triangles on a floor: matte, metal and glass, smooth and rough.
Scene field_of_balls() {
  Scene scene;
  scene.name = "field of balls";
  add_object(scene, make_quad({0, 0, 0}, {0, 0, 60}, {60, 0, 0}), matte({0.5f, 0.5f, 0.5f}));
  const std::size_t first = add_object(scene, make_sphere(1, 5, true), matte({0.8f, 0.3f, 0.2f}));
  const std::size_t mesh = scene.instances[first].mesh;
  scene.instances[first].world_from_object = at({0, 3, 0}, 1);
  for (int i = 0; i < 1024; ++i) {
    const float x = static_cast<float>(i % 32) * 1.5f - 24, z = static_cast<float>(i / 32) * -1.5f;
    const float size = 0.3f + 0.05f * static_cast<float>(i * 7 % 8);
    const float tint = 0.2f + 0.1f * static_cast<float>(i % 8);
    SceneMaterial material = matte({tint, 0.5f, 1 - tint});
    if (i % 4 == 1) material = metal({0.9f, tint, 0.4f}, 0.05f * static_cast<float>(i % 16));
    if (i % 4 == 2) material = glass(1.5f, i % 8 == 2 ? 0.0f : 0.3f, i % 16 == 2);
    if (i % 64 == 3) material = emitter({6, 5, 3});
    add_ball(scene, mesh, material, {x, size, z}, size);
  }
  add_sky(scene);
  scene.cameras.push_back(look_at({0, 5, 8}, {0, 0.5f, -10}, {0, 1, 0}, 45));
  scene.cameras[0].lens_radius_m = 0.05f;
  return scene;
}

/// Punctual lights alone, at a scale of kilometres.
Scene lamps() {
  Scene scene;
  scene.name = "lamps";
  add_object(scene, make_quad({0, 0, 0}, {0, 0, 5000}, {5000, 0, 0}), matte({0.6f, 0.6f, 0.6f}));
  add_object(scene, make_box({-800, 0, -800}, {-200, 900, -200}), metal({0.9f, 0.9f, 0.9f}, 0.2f));
  add_object(scene, make_sphere(400, 4), glass(1.5f, 0.1f, false));
  scene.instances.back().world_from_object = at({500, 450, -300}, 1);
  SceneLight light;
  light.position = {0, 2000, 500};
  light.intensity = {4e6f, 3e6f, 2e6f};
  scene.lights.push_back(light);
  light.kind = SceneLightKind::directional;
  light.intensity = {0.3f, 0.4f, 0.6f};
  light.direction = {0.3f, -0.9f, -0.3f};
  scene.lights.push_back(light);
  scene.cameras.push_back(look_at({0, 1200, 4000}, {0, 300, 0}, {0, 1, 0}, 40));
  return scene;
}

}  // namespace

std::vector<GpuScene> gpu_scenes(std::uint32_t effort) {
  return {{"small room, pinned", small_room(), 40, 20, 20, 8},
          {"small room", small_room(), 320, 200, 21 * effort, 8},
          {"small room of 1 mm", scaled(small_room(), 2e-4f), 160, 100, 16 * effort, 16},
          {"lamps", lamps(), 200, 150, 16 * effort, 4},
          {"field of balls", field_of_balls(), 640, 360, 8 * effort, 12}};
}

}  // namespace oct::test
