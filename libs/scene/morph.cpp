#include "scene/morph.hpp"

#include "math/vec.hpp"

namespace oct {
namespace {

void add_to(Vec2& value, float weight, Vec2 offset) {
  value = {value.x + weight * offset.x, value.y + weight * offset.y};
}
void add_to(Vec3& value, float weight, Vec3 offset) {
  value = {value.x + weight * offset.x, value.y + weight * offset.y, value.z + weight * offset.z};
}
/// A tangent's w says on which side the bitangent lies, and stays.
void add_to(Vec4& value, float weight, Vec3 offset) {
  value = {value.x + weight * offset.x, value.y + weight * offset.y, value.z + weight * offset.z, value.w};
}
void add_to(Vec4& value, float weight, Vec4 offset) {
  value = {value.x + weight * offset.x, value.y + weight * offset.y, value.z + weight * offset.z,
           value.w + weight * offset.w};
}

template <class T, class Offset>
void add_all(std::vector<T>& values, float weight, const std::vector<Offset>& offsets) {
  if (offsets.size() != values.size()) return;  // the target leaves it alone, or the mesh does not have it
  for (std::size_t i = 0; i < values.size(); ++i) add_to(values[i], weight, offsets[i]);
}

void add_target(const SceneMorphTarget& target, float weight, SceneMesh& shape) {
  add_all(shape.positions, weight, target.positions);
  add_all(shape.normals, weight, target.normals);
  add_all(shape.tangents, weight, target.tangents);
  for (std::size_t set = 0; set < shape.uvs.size(); ++set) add_all(shape.uvs[set], weight, target.uvs[set]);
  add_all(shape.colors, weight, target.colors);
}

/// `otherwise` where the sum has no direction.
Vec3 unit_or(Vec3 v, Vec3 otherwise) {
  const float largest = max_component(abs(v));
  return largest > 0.0f && is_finite(v) ? normalize(v / largest) : otherwise;
}

}  // namespace

SceneMesh shape_of(const SceneMesh& mesh) {
  SceneMesh shape;
  shape.name = mesh.name;
  shape.positions = mesh.positions;
  shape.normals = mesh.normals;
  shape.tangents = mesh.tangents;
  shape.uvs = mesh.uvs;
  shape.colors = mesh.colors;
  shape.triangles = mesh.triangles;
  return shape;
}

void add_morph_targets(const SceneMesh& mesh, std::span<const float> weights, SceneMesh& shape) {
  for (std::size_t t = 0; t < mesh.morph_targets.size() && t < weights.size(); ++t) {
    if (weights[t] != 0.0f) add_target(mesh.morph_targets[t], weights[t], shape);
  }
  for (std::size_t i = 0; i < shape.normals.size(); ++i)
    shape.normals[i] = unit_or(shape.normals[i], mesh.normals[i]);
  for (std::size_t i = 0; i < shape.tangents.size(); ++i) {
    Vec4& tangent = shape.tangents[i];
    const Vec4 before = mesh.tangents[i];
    const Vec3 unit = unit_or({tangent.x, tangent.y, tangent.z}, {before.x, before.y, before.z});
    tangent = {unit.x, unit.y, unit.z, tangent.w};
  }
}

}  // namespace oct
