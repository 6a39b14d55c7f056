#include "compile/inside_out.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "math/transform.hpp"
#include "math/vec.hpp"
#include "scene/placement.hpp"
#include "scene/sides.hpp"

namespace oct {
namespace {

/// Of the triangles whose normals tell a side, nine in ten or more are turned the other way.
bool is_inside_out(const SceneMesh& mesh) {
  if (mesh.normals.empty()) return false;
  std::size_t along = 0;
  std::size_t against = 0;
  for (const Triangle& triangle : mesh.triangles) {
    const auto [a, b, c] = triangle.v;
    const Vec3 face = cross(mesh.positions[b] - mesh.positions[a], mesh.positions[c] - mesh.positions[a]);
    const float side = dot(face, mesh.normals[a] + mesh.normals[b] + mesh.normals[c]);
    along += side > 0 ? 1 : 0;
    against += side < 0 ? 1 : 0;
  }
  return against > 0 && against >= 9 * along;
}

/// Whether a mesh encloses a volume, on the side of its triangles' front. Both sums are taken around the middle of
/// its box.
bool encloses_its_front(const SceneMesh& mesh) {
  const Bounds3 box = bounds_of(mesh);
  const Vec3 middle = box.lo * 0.5f + box.hi * 0.5f;
  Vec3 sum{0, 0, 0};
  double total = 0;
  double volume = 0;
  for (const Triangle& triangle : mesh.triangles) {
    const Vec3 a = mesh.positions[triangle.v[0]] - middle;
    const Vec3 b = mesh.positions[triangle.v[1]] - middle;
    const Vec3 c = mesh.positions[triangle.v[2]] - middle;
    const Vec3 area = cross(b - a, c - a);
    sum += area;
    total += static_cast<double>(length(area));
    volume += static_cast<double>(dot(a, area)) / 6;
  }
  const Vec3 size = box.hi - box.lo;
  const double of_box =
      static_cast<double>(size.x) * static_cast<double>(size.y) * static_cast<double>(size.z);
  constexpr double kClosed = 0.05;  // a box without a lid has 0.2
  constexpr double kBody = 0.05;    // two layers of a leaf have next to nothing
  return static_cast<double>(length(sum)) <= kClosed * total && of_box > 0 && volume < -kBody * of_box;
}

bool holds(const Bounds3& box, Vec3 p) {
  return box.lo.x <= p.x && p.x <= box.hi.x && box.lo.y <= p.y && p.y <= box.hi.y && box.lo.z <= p.z &&
         p.z <= box.hi.z;
}

Bounds3 world_box(const PosedScene& scene, const SceneInstance& instance) {
  return transform_bounds(instance.world_from_object, bounds_of(scene.meshes[instance.mesh]));
}

bool shines(const SceneMaterial& material) {
  return material.unlit || !is_black(material.emission);
}

bool has_light_inside(const PosedScene& scene, const Bounds3& box) {
  const auto is_lamp_inside = [&](const SceneLight& light) {
    return light.kind != SceneLightKind::directional && holds(box, light.position);
  };
  const auto is_emitter_inside = [&](const SceneInstance& instance) {
    if (!shines(scene.materials[instance.material])) return false;
    const Bounds3 emitter = world_box(scene, instance);
    return holds(box, emitter.lo * 0.5f + emitter.hi * 0.5f);
  };
  return std::any_of(scene.lights.begin(), scene.lights.end(), is_lamp_inside) ||
         std::any_of(scene.instances.begin(), scene.instances.end(), is_emitter_inside);
}

bool may_be_an_outline(const SceneMaterial& material) {
  constexpr float kBlack = 0.05f;
  return !material.base_color_texture && luminance(material.base_color) < kBlack;
}

std::string and_others(std::size_t count) {
  return count > 1 ? fmt::format(" and {} other{}", count - 1, count > 2 ? "s" : "") : std::string();
}

}  // namespace

std::optional<std::string> facing_inward_warning(const PosedScene& scene, Vec3 eye) {
  std::vector<std::optional<bool>> known(scene.meshes.size());
  const SceneInstance* first = nullptr;
  std::size_t count = 0;
  for (const SceneInstance& instance : scene.instances) {
    const SceneMaterial& material = scene.materials[instance.material];
    if (!has_front_alone(material) || shines(material) || may_be_an_outline(material)) continue;
    const SceneMesh& mesh = scene.meshes[instance.mesh];
    std::optional<bool>& inward = known[instance.mesh];
    if (!inward) inward = encloses_its_front(mesh) && !is_inside_out(mesh);
    if (!*inward) continue;
    const Bounds3 box = world_box(scene, instance);
    if (holds(box, eye) || has_light_inside(scene, box)) continue;
    if (first == nullptr) first = &instance;
    ++count;
  }
  if (first == nullptr) return std::nullopt;
  return fmt::format(
      "instance \"{}\"{}: closed, and its front is inside: from outside, its near side is not there (its "
      "material "
      "\"{}\" is single-sided) and no light gets in; turn the triangles over or give --double-sided, or put "
      "the "
      "camera inside",
      first->name, and_others(count), scene.materials[first->material].name);
}

std::optional<std::string> inside_out_warning(const PosedScene& scene) {
  enum class Known { no, right, inside_out };
  std::vector<Known> known(scene.meshes.size(), Known::no);
  const SceneInstance* first = nullptr;
  std::size_t count = 0;
  for (const SceneInstance& instance : scene.instances) {
    if (!has_front_alone(scene.materials[instance.material])) continue;
    Known& mesh = known[instance.mesh];
    if (mesh == Known::no)
      mesh = is_inside_out(scene.meshes[instance.mesh]) ? Known::inside_out : Known::right;
    if (mesh != Known::inside_out) continue;
    if (first == nullptr) first = &instance;
    ++count;
  }
  if (first == nullptr) return std::nullopt;
  return fmt::format(
      "instance \"{}\"{}: seen from inside, since normals point to the back of the triangles of a "
      "single-sided "
      "material (\"{}\"); turn the triangles over, make the material double-sided, or give --double-sided",
      first->name, and_others(count), scene.materials[first->material].name);
}

}  // namespace oct
