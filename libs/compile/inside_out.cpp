#include "compile/inside_out.hpp"

#include <fmt/format.h>

#include <vector>

#include "math/vec.hpp"
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

}  // namespace

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
  const std::string others = count > 1 ? fmt::format(" and {} other{}", count - 1, count > 2 ? "s" : "") : "";
  return fmt::format(
      "instance \"{}\"{}: seen from inside, since normals point to the back of the triangles of a "
      "single-sided "
      "material (\"{}\"); turn the triangles over, make the material double-sided, or give --double-sided",
      first->name, others, scene.materials[first->material].name);
}

}  // namespace oct
