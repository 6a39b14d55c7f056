#include "support/test_scenes.hpp"

#include <cmath>
#include <map>
#include <utility>

#include "math/vec.hpp"

namespace oct::test {
namespace {

constexpr double kTau = 6.283185307179586;

using Edge = std::pair<u32, u32>;

/// Index of the middle of an edge, pushed out to the unit sphere.
u32 middle(SceneMesh& mesh, std::map<Edge, u32>& middles, u32 a, u32 b) {
  const auto [entry, added] = middles.try_emplace(a < b ? Edge{a, b} : Edge{b, a}, 0);
  if (added) {
    entry->second = static_cast<u32>(mesh.positions.size());
    mesh.positions.push_back(normalize(mesh.positions[a] + mesh.positions[b]));
  }
  return entry->second;
}

SceneMesh unit_icosahedron() {
  const float p = (1.0f + std::sqrt(5.0f)) / 2.0f;
  SceneMesh mesh;
  mesh.positions = {{-1, p, 0},  {1, p, 0},  {-1, -p, 0}, {1, -p, 0}, {0, -1, p},  {0, 1, p},
                    {0, -1, -p}, {0, 1, -p}, {p, 0, -1},  {p, 0, 1},  {-p, 0, -1}, {-p, 0, 1}};
  for (Vec3& position : mesh.positions) position = normalize(position);
  mesh.triangles = {{{0, 11, 5}}, {{0, 5, 1}},  {{0, 1, 7}},   {{0, 7, 10}}, {{0, 10, 11}},
                    {{1, 5, 9}},  {{5, 11, 4}}, {{11, 10, 2}}, {{10, 7, 6}}, {{7, 1, 8}},
                    {{3, 9, 4}},  {{3, 4, 2}},  {{3, 2, 6}},   {{3, 6, 8}},  {{3, 8, 9}},
                    {{4, 9, 5}},  {{2, 4, 11}}, {{6, 2, 10}},  {{8, 6, 7}},  {{9, 8, 1}}};
  return mesh;
}

void append(SceneMesh& mesh, const SceneMesh& other) {
  const auto first = static_cast<u32>(mesh.positions.size());
  mesh.positions.insert(mesh.positions.end(), other.positions.begin(), other.positions.end());
  for (const Triangle& t : other.triangles)
    mesh.triangles.push_back({{first + t.v[0], first + t.v[1], first + t.v[2]}});
}

SceneImage checkerboard() {
  SceneImage image;
  image.name = "checkerboard";
  image.width = image.height = 4;
  for (u32 i = 0; i < 16; ++i) {
    const std::uint8_t level = (i + i / 4) % 2 == 0 ? 230 : 60;
    image.rgba8.insert(image.rgba8.end(), {level, 128, 60, 255});
  }
  return image;
}

}  // namespace

SceneMesh make_sphere(float radius, unsigned levels, bool smooth) {
  SceneMesh mesh = unit_icosahedron();
  for (unsigned level = 0; level < levels; ++level) {
    std::map<Edge, u32> middles;
    std::vector<Triangle> finer;
    for (const Triangle& t : mesh.triangles) {
      const u32 ab = middle(mesh, middles, t.v[0], t.v[1]);
      const u32 bc = middle(mesh, middles, t.v[1], t.v[2]);
      const u32 ca = middle(mesh, middles, t.v[2], t.v[0]);
      finer.insert(finer.end(), {{{t.v[0], ab, ca}}, {{t.v[1], bc, ab}}, {{t.v[2], ca, bc}}, {{ab, bc, ca}}});
    }
    mesh.triangles = std::move(finer);
  }
  if (smooth) mesh.normals = mesh.positions;
  for (Vec3& position : mesh.positions) position *= radius;
  return mesh;
}

SceneMesh make_quad(Vec3 center, Vec3 half_u, Vec3 half_v) {
  SceneMesh mesh;
  mesh.positions = {center - half_u - half_v, center + half_u - half_v, center + half_u + half_v,
                    center - half_u + half_v};
  mesh.uvs[0] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
  mesh.triangles = {{{0, 1, 2}}, {{0, 2, 3}}};
  return mesh;
}

SceneMesh make_disk(Vec3 center, float radius, bool faces_up, unsigned segments) {
  SceneMesh mesh;
  mesh.positions.push_back(center);
  for (unsigned i = 0; i < segments; ++i) {
    const double angle = kTau * i / segments;
    mesh.positions.push_back(center + Vec3{static_cast<float>(radius * std::cos(angle)), 0.0f,
                                           static_cast<float>(radius * std::sin(angle))});
    const u32 here = i + 1, next = (i + 1) % segments + 1;
    mesh.triangles.push_back(faces_up ? Triangle{{0, next, here}} : Triangle{{0, here, next}});
  }
  return mesh;
}

SceneMesh make_box(Vec3 lo, Vec3 hi) {
  const Vec3 c = (lo + hi) * 0.5f, h = (hi - lo) * 0.5f;
  const Vec3 x{h.x, 0, 0}, y{0, h.y, 0}, z{0, 0, h.z};
  SceneMesh box = make_quad(c + x, y, z);
  append(box, make_quad(c - x, z, y));
  append(box, make_quad(c + y, z, x));
  append(box, make_quad(c - y, x, z));
  append(box, make_quad(c + z, x, y));
  append(box, make_quad(c - z, y, x));
  box.uvs[0].clear();
  return box;
}

SceneMaterial matte(Vec3 color) {
  SceneMaterial material;
  material.base_color = color;
  material.metallic = 0;
  material.specular = 0;
  material.double_sided = true;
  return material;
}

SceneMaterial emitter(Vec3 radiance, bool front_only) {
  SceneMaterial material = matte({0, 0, 0});
  material.emission = radiance;
  material.emits_front_only = front_only;
  return material;
}

SceneMaterial glass(float ior, float roughness, bool thin_walled) {
  SceneMaterial material;
  material.metallic = 0;
  material.roughness = roughness;
  material.ior = ior;
  material.transmission = 1;
  material.thin_walled = thin_walled;
  material.double_sided = true;
  return material;
}

SceneMaterial metal(Vec3 color, float roughness) {
  SceneMaterial material;
  material.base_color = color;
  material.roughness = roughness;
  material.double_sided = true;
  return material;
}

SceneCamera look_at(Vec3 eye, Vec3 target, Vec3 up, float vertical_fov_degrees) {
  const Vec3 back = normalize(eye - target);
  const Vec3 right = normalize(cross(up, back));
  const Vec3 above = cross(back, right);
  SceneCamera camera;
  camera.world_from_camera = {
      {right.x, above.x, back.x, eye.x, right.y, above.y, back.y, eye.y, right.z, above.z, back.z, eye.z}};
  camera.vertical_fov_degrees = vertical_fov_degrees;
  camera.focus_distance_m = length(eye - target);
  return camera;
}

std::size_t add_object(Scene& scene, SceneMesh mesh, SceneMaterial material) {
  scene.meshes.push_back(std::move(mesh));
  scene.materials.push_back(std::move(material));
  SceneInstance instance;
  instance.mesh = scene.meshes.size() - 1;
  instance.material = scene.materials.size() - 1;
  scene.instances.push_back(instance);
  return scene.instances.size() - 1;
}

SceneEnvironment constant_environment(float radiance) {
  SceneEnvironment environment;
  environment.radiance = splat(radiance);
  return environment;
}

Scene scaled(const Scene& scene, float factor) {
  Scene result = scene;
  for (SceneMesh& mesh : result.meshes) {
    for (Vec3& position : mesh.positions) position *= factor;
  }
  const auto scale_translation = [factor](Transform& transform) {
    for (const int i : {3, 7, 11}) transform.m[i] *= factor;
  };
  for (SceneInstance& instance : result.instances) scale_translation(instance.world_from_object);
  for (SceneCamera& camera : result.cameras) {
    scale_translation(camera.world_from_camera);
    camera.lens_radius_m *= factor;
    camera.focus_distance_m *= factor;
  }
  for (SceneLight& light : result.lights) {
    light.position *= factor;
    if (light.kind != SceneLightKind::directional) light.intensity *= factor * factor;
  }
  return result;
}

Scene small_room() {
  Scene scene;
  scene.name = "small room";
  add_object(scene, make_quad({0, 0, 0}, {0, 0, 2}, {2, 0, 0}), matte({0.7f, 0.7f, 0.7f}));  // floor
  add_object(scene, make_quad({0, 3, 0}, {2, 0, 0}, {0, 0, 2}), matte({0.8f, 0.8f, 0.8f}));  // ceiling
  add_object(scene, make_quad({0, 1.5f, -2}, {2, 0, 0}, {0, 1.5f, 0}), matte({1, 1, 1}));    // back, textured
  add_object(scene, make_quad({-2, 1.5f, 0}, {0, 0, -2}, {0, 1.5f, 0}), matte({0.7f, 0.1f, 0.1f}));
  add_object(scene, make_quad({2, 1.5f, 0}, {0, 0, 2}, {0, 1.5f, 0}), matte({0.1f, 0.6f, 0.1f}));
  add_object(scene, make_quad({0, 2.99f, 0}, {0.5f, 0, 0}, {0, 0, 0.5f}), emitter({12, 11, 9}, true));
  scene.images.push_back(checkerboard());
  SceneTexture texture;
  texture.scale = {3, 3};
  scene.materials[2].base_color_texture = texture;

  const std::size_t ball = add_object(scene, make_sphere(0.5f, 3, true), glass(1.5f, 0.0f, false));
  scene.instances[ball].world_from_object = {{1, 0, 0, -0.8f, 0, 1, 0, 0.5f, 0, 0, 1, 0.5f}};
  scene.materials.push_back(metal({0.9f, 0.7f, 0.4f}, 0.3f));
  for (int i = 0; i < 3; ++i) {  // one mesh, three instances
    SceneInstance instance = scene.instances[ball];
    instance.material = scene.materials.size() - 1;
    const float s = 0.4f + 0.2f * static_cast<float>(i);
    instance.world_from_object = {{s, 0, 0, 0.3f + 0.5f * static_cast<float>(i), 0, s, 0, s / 2, 0, 0, s,
                                   0.4f - 0.7f * static_cast<float>(i)}};
    scene.instances.push_back(instance);
  }
  SceneMaterial veil = matte({0.2f, 0.3f, 0.9f});
  veil.alpha = 0.5f;
  veil.alpha_mode = AlphaMode::blend;
  add_object(scene, make_quad({0.8f, 1.6f, 0.6f}, {0.5f, 0, -0.1f}, {0, 0.4f, 0}), veil);
  SceneLight lamp;
  lamp.position = {-1.5f, 2.2f, 1.5f};
  lamp.intensity = {1.0f, 1.2f, 1.5f};
  scene.lights.push_back(lamp);
  scene.cameras.push_back(look_at({0, 1.5f, 5.5f}, {0, 1.3f, 0}, {0, 1, 0}, 38));
  scene.cameras[0].lens_radius_m = 0.02f;
  scene.cameras[0].focus_distance_m = 5;
  return scene;
}

namespace {

SceneMaterial gloss(Vec3 color, float roughness) {
  SceneMaterial material = matte(color);
  material.specular = 1;
  material.roughness = roughness;
  return material;
}

/// Adds a ball of radius `radius` around `center`.
void add_ball(Scene& scene, Vec3 center, float radius, const SceneMaterial& material) {
  const std::size_t ball = add_object(scene, make_sphere(radius, 2, true), material);
  scene.instances[ball].world_from_object = {{1, 0, 0, center.x, 0, 1, 0, center.y, 0, 0, 1, center.z}};
}

void add_layered_balls(Scene& scene) {
  SceneMaterial lacquer = gloss({0.6f, 0.05f, 0.05f}, 0.5f);
  lacquer.clearcoat.factor = 0.9f;
  lacquer.clearcoat.roughness = 0.1f;
  add_ball(scene, {-1.4f, 0.4f, 0.4f}, 0.4f, lacquer);
  SceneMaterial velvet = gloss({0.1f, 0.05f, 0.3f}, 0.8f);
  velvet.sheen.color = {0.6f, 0.5f, 0.9f};
  velvet.sheen.roughness = 0.4f;
  add_ball(scene, {-0.5f, 0.35f, 0.8f}, 0.35f, velvet);
  SceneMaterial soap = metal({0.8f, 0.8f, 0.8f}, 0.2f);
  soap.iridescence.factor = 1;
  soap.iridescence.thickness_maximum_nm = 420;
  add_ball(scene, {0.3f, 0.3f, 1.0f}, 0.3f, soap);
  SceneMaterial bubble = glass(1.4f, 0.1f, true);
  bubble.iridescence.factor = 0.8f;
  bubble.iridescence.thickness_maximum_nm = 300;
  add_ball(scene, {1.3f, 1.6f, 0.2f}, 0.3f, bubble);
  SceneMaterial wax = gloss({0.8f, 0.7f, 0.5f}, 0.4f);
  wax.thin_walled = false;
  wax.diffuse_transmission.factor = 0.6f;
  wax.volume.attenuation_color = {0.9f, 0.5f, 0.3f};
  wax.volume.attenuation_distance_m = 0.3f;
  add_ball(scene, {1.4f, 0.35f, 0.6f}, 0.35f, wax);
  SceneMaterial water = glass(1.33f, 0, false);
  water.volume.attenuation_color = {0.6f, 0.8f, 0.9f};
  water.volume.attenuation_distance_m = 1;
  add_ball(scene, {0, 1.2f, -0.3f}, 0.7f, water);
  SceneMaterial flint = glass(1.6f, 0.05f, false);
  flint.volume.dispersion = 0.6f;
  add_ball(scene, {0.2f, 1.1f, 0.2f}, 0.4f, flint);
}

}  // namespace

Scene layered_room() {
  Scene scene;
  scene.name = "layered room";
  scene.images.push_back(checkerboard());
  SceneMaterial floor = gloss({0.5f, 0.4f, 0.3f}, 0.4f);
  floor.clearcoat.factor = 1;
  floor.clearcoat.normal_texture = SceneTexture{};
  floor.clearcoat.normal_scale = 0.2f;
  add_object(scene, make_quad({0, 0, 0}, {0, 0, 2}, {2, 0, 0}), floor);
  SceneMaterial brushed = metal({0.9f, 0.8f, 0.7f}, 0.3f);
  brushed.anisotropy.strength = 0.7f;
  brushed.anisotropy.rotation = 0.5f;
  add_object(scene, make_quad({0, 1.5f, -2}, {2, 0, 0}, {0, 1.5f, 0}), brushed);
  add_object(scene, make_quad({-2, 1.5f, 0}, {0, 0, -2}, {0, 1.5f, 0}), matte({0.7f, 0.1f, 0.1f}));
  SceneMaterial leaf = gloss({0.2f, 0.4f, 0.1f}, 0.5f);
  leaf.diffuse_transmission.factor = 0.5f;
  leaf.diffuse_transmission.color = {0.4f, 0.8f, 0.1f};
  add_object(scene, make_quad({1.2f, 2, -0.5f}, {0.5f, 0.2f, 0}, {0, 0.4f, 0.3f}), leaf);
  SceneMaterial lamp = emitter({12, 11, 9});
  lamp.clearcoat.factor = 1;
  add_object(scene, make_quad({0, 2.99f, 0}, {0.5f, 0, 0}, {0, 0, 0.5f}), lamp);
  add_layered_balls(scene);
  scene.environment = constant_environment(0.3f);
  scene.cameras.push_back(look_at({0, 1.5f, 5.5f}, {0, 1.3f, 0}, {0, 1, 0}, 38));
  return scene;
}

}  // namespace oct::test
