#include "compile/shared_faces.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <unordered_map>

#include "math/transform.hpp"
#include "math/vec.hpp"

namespace oct {
namespace {

/// Triangles looked at in all; what has more is left alone.
constexpr std::size_t kMostTriangles = std::size_t{1} << 22;

bool is_solid_glass(const SceneMaterial& material) {
  return material.transmission > 0 && !material.thin_walled && !material.unlit;
}

std::uint64_t mixed(std::uint64_t hash) {
  hash = (hash ^ hash >> 30) * std::uint64_t{0xbf58476d1ce4e5b9};
  hash = (hash ^ hash >> 27) * std::uint64_t{0x94d049bb133111eb};
  return hash ^ hash >> 31;
}

std::uint64_t key_of(Vec3 corner) {
  const Vec3 p = corner + splat(0.0f);  // -0 is 0
  return mixed(mixed(mixed(bits_of(p.x)) + bits_of(p.y)) + bits_of(p.z));
}

/// The same for the same corners in any order.
std::uint64_t key_of(const SceneInstance& instance, const SceneMesh& mesh, const Triangle& triangle) {
  std::uint64_t key = 0;
  for (const std::uint32_t v : triangle.v)
    key += key_of(transform_point(instance.world_from_object, mesh.positions[v]));
  return key;
}

}  // namespace

std::optional<std::string> shared_faces_warning(const PosedScene& scene) {
  std::unordered_map<std::uint64_t, const SceneInstance*> owners;
  for (const SceneInstance& instance : scene.instances) {
    if (!is_solid_glass(scene.materials[instance.material])) continue;
    const SceneMesh& mesh = scene.meshes[instance.mesh];
    if (owners.size() + mesh.triangles.size() > kMostTriangles) return std::nullopt;
    for (const Triangle& triangle : mesh.triangles) {
      const auto [place, is_new] = owners.try_emplace(key_of(instance, mesh, triangle), &instance);
      if (is_new || place->second->material == instance.material) continue;
      return fmt::format(
          "instances \"{}\" and \"{}\": are bodies of glass with faces in exactly the same place, of which "
          "one "
          "alone is seen; let one reach a little into the other, or leave a gap",
          place->second->name, instance.name);
    }
  }
  return std::nullopt;
}

}  // namespace oct
