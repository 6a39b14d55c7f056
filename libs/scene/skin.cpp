#include "scene/skin.hpp"

#include <utility>

#include "scene/double3.hpp"

namespace oct {
namespace {

/// `otherwise` where there is no direction left.
Vec3 direction_or(Double3 v, Vec3 otherwise) {
  const std::optional<Double3> direction = unit(v);
  return direction ? rounded(*direction) : otherwise;
}

/// The columns of an affine map.
struct Blend {
  Double3 x{0, 0, 0}, y{0, 0, 0}, z{0, 0, 0}, position{0, 0, 0};

  void add(const Matrix4& matrix, double weight) {
    const auto add_column = [&](Double3& column, std::size_t c) {
      column.x += weight * matrix.m[4 * c];
      column.y += weight * matrix.m[4 * c + 1];
      column.z += weight * matrix.m[4 * c + 2];
    };
    add_column(x, 0);
    add_column(y, 1);
    add_column(z, 2);
    add_column(position, 3);
  }
  Double3 direction(Double3 v) const {
    return {x.x * v.x + y.x * v.y + z.x * v.z, x.y * v.x + y.y * v.y + z.y * v.z,
            x.z * v.x + y.z * v.y + z.z * v.z};
  }
  Double3 point(Double3 v) const {
    const Double3 moved = direction(v);
    return {moved.x + position.x, moved.y + position.y, moved.z + position.z};
  }
  /// By the cofactors: of the side to which triangles that were moved along wind.
  Double3 normal(Double3 v) const {
    const Double3 yz = cross(y, z);
    const Double3 zx = cross(z, x);
    const Double3 xy = cross(x, y);
    return {yz.x * v.x + zx.x * v.y + xy.x * v.z, yz.y * v.x + zx.y * v.y + xy.y * v.z,
            yz.z * v.x + zx.z * v.y + xy.z * v.z};
  }
  bool mirrors() const { return dot(x, cross(y, z)) < 0; }
};

/// The map of one vertex.
Blend blend_of(const SceneMesh& mesh, std::size_t vertex, std::span<const Matrix4> world_from_mesh,
               bool& complete) {
  Blend blend;
  for (const auto& set : mesh.influences) {
    const SceneInfluences& influences = set[vertex];
    for (std::size_t i = 0; i < influences.weights.size(); ++i) {
      if (influences.weights[i] == 0.0f) continue;
      if (influences.joints[i] < world_from_mesh.size()) {
        blend.add(world_from_mesh[influences.joints[i]], static_cast<double>(influences.weights[i]));
      } else {
        complete = false;
      }
    }
  }
  return blend;
}

void move_vertex(const Blend& blend, const std::array<double, 3>& centre, std::size_t i, SceneMesh& shape) {
  Vec3& p = shape.positions[i];
  const Double3 from_centre = doubled(p.x, p.y, p.z);
  p = rounded(blend.point({from_centre.x + centre[0], from_centre.y + centre[1], from_centre.z + centre[2]}));
  if (!shape.normals.empty()) {
    Vec3& n = shape.normals[i];
    n = direction_or(blend.normal(doubled(n.x, n.y, n.z)), n);
  }
  if (!shape.tangents.empty()) {
    Vec4& t = shape.tangents[i];
    const Vec3 moved = direction_or(blend.direction(doubled(t.x, t.y, t.z)), {t.x, t.y, t.z});
    t = {moved.x, moved.y, moved.z, t.w};
  }
}

/// A figure whose joints mirror it would show its inside.
void turn_over(SceneMesh& shape) {
  for (Triangle& triangle : shape.triangles) std::swap(triangle.v[1], triangle.v[2]);
  for (Vec3& n : shape.normals) n = {-n.x, -n.y, -n.z};
  for (Vec4& t : shape.tangents) t.w = -t.w;
}

}  // namespace

bool bend(const SceneMesh& mesh, std::span<const Matrix4> world_from_mesh, SceneMesh& shape) {
  bool complete = true;
  std::size_t mirrored = 0;
  for (std::size_t i = 0; i < shape.positions.size(); ++i) {
    const Blend blend = blend_of(mesh, i, world_from_mesh, complete);
    if (blend.mirrors()) ++mirrored;
    move_vertex(blend, mesh.centre, i, shape);
  }
  if (mirrored > shape.positions.size() / 2) turn_over(shape);
  return complete;
}

}  // namespace oct
