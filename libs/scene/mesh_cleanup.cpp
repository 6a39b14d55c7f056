#include "scene/mesh_cleanup.hpp"

#include <fmt/format.h>

#include "math/vec.hpp"

namespace oct {
namespace {

bool all_finite(Vec2 v) {
  return is_finite(v.x) && is_finite(v.y);
}
bool all_finite(Vec4 v) {
  return is_finite(v.x) && is_finite(v.y) && is_finite(v.z) && is_finite(v.w);
}

/// Unit vector, also of very short and very long ones; zero where there is no direction.
Vec3 direction_of(Vec3 v) {
  const float largest = max_component(abs(v));
  if (!(largest > 0.0f) || !is_finite(v)) return {0, 0, 0};
  return normalize(v / largest);
}

bool check_positions(const SceneMesh& mesh, const std::string& element, ImportLog& log) {
  for (std::size_t i = 0; i < mesh.positions.size(); ++i) {
    if (is_finite(mesh.positions[i])) continue;
    log.fault(element, fmt::format("the position of vertex {} is not a finite number", i));
    return false;
  }
  return true;
}

/// The normal of the triangles around each vertex that is marked, weighted by their area; +Z where they have
/// none.
void replace_normals(SceneMesh& mesh, const std::vector<bool>& marked) {
  for (const Triangle& triangle : mesh.triangles) {
    if (!marked[triangle.v[0]] && !marked[triangle.v[1]] && !marked[triangle.v[2]]) continue;
    const Vec3 origin = mesh.positions[triangle.v[0]];
    const Vec3 normal = cross(mesh.positions[triangle.v[1]] - origin, mesh.positions[triangle.v[2]] - origin);
    for (const std::uint32_t v : triangle.v) {
      if (marked[v]) mesh.normals[v] += normal;
    }
  }
  for (std::size_t i = 0; i < marked.size(); ++i) {
    if (!marked[i]) continue;
    mesh.normals[i] = direction_of(mesh.normals[i]);
    if (is_black(mesh.normals[i])) mesh.normals[i] = {0, 0, 1};
  }
}

void clean_up_normals(SceneMesh& mesh, const std::string& element, ImportLog& log) {
  std::vector<bool> marked;
  for (std::size_t i = 0; i < mesh.normals.size(); ++i) {
    mesh.normals[i] = direction_of(mesh.normals[i]);
    if (!is_black(mesh.normals[i])) continue;
    marked.resize(mesh.normals.size());
    marked[i] = true;
  }
  if (marked.empty()) return;
  replace_normals(mesh, marked);
  log.warn(element, "has normals without a direction; they are taken from its triangles");
}

void clean_up_tangents(SceneMesh& mesh, const std::string& element, ImportLog& log) {
  for (Vec4& tangent : mesh.tangents) {
    const Vec3 direction = direction_of({tangent.x, tangent.y, tangent.z});
    if (is_black(direction) || !is_finite(tangent.w)) {
      log.warn(element, "has tangents without a direction; they are derived from its texture coordinates");
      mesh.tangents.clear();
      return;
    }
    tangent = {direction.x, direction.y, direction.z, tangent.w < 0.0f ? -1.0f : 1.0f};
  }
}

}  // namespace

bool clean_up_mesh(SceneMesh& mesh, const std::string& element, ImportLog& log) {
  if (!check_positions(mesh, element, log)) return false;
  clean_up_normals(mesh, element, log);
  clean_up_tangents(mesh, element, log);
  for (std::vector<Vec2>& uvs : mesh.uvs) {
    for (Vec2& uv : uvs) {
      if (all_finite(uv)) continue;
      uv = {0, 0};
      log.warn(element, "has texture coordinates that are not finite numbers; they become 0");
    }
  }
  for (Vec4& color : mesh.colors) {
    if (all_finite(color)) continue;
    color = {1, 1, 1, 1};
    log.warn(element, "has vertex colours that are not finite numbers; they become white");
  }
  return true;
}

}  // namespace oct
