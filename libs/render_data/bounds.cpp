#include "render_data/bounds.hpp"

#include "math/transform.hpp"
#include "render_data/limits.hpp"
#include "render_data/loops.hpp"

namespace oct {
namespace {

bool fits(float x) {
  return x >= -kLargestCoordinate && x <= kLargestCoordinate;
}  // NaN does not

}  // namespace

std::vector<Bounds3> mesh_bounds(const RenderData& data, ThreadPool* pool) {
  std::vector<Bounds3> bounds(data.meshes.size());
  for_each_index(pool, bounds.size(), [&](std::size_t i) {
    const Mesh& mesh = data.meshes[i];
    Bounds3 box{splat(kInfinity), splat(-kInfinity)};
    for (u32 v = 0; v < mesh.vertex_count; ++v) {
      const Vec3 p = data.positions[std::size_t{mesh.first_vertex} + v];
      box = {min(box.lo, p), max(box.hi, p)};
    }
    bounds[i] = box;
  });
  return bounds;
}

bool within_limits(const Bounds3& bounds) {
  const auto fits = [](float x) {
    return x >= -kLargestCoordinate && x <= kLargestCoordinate;
  };  // not for NaN
  return fits(bounds.lo.x) && fits(bounds.lo.y) && fits(bounds.lo.z) && fits(bounds.hi.x) &&
         fits(bounds.hi.y) && fits(bounds.hi.z);
}

bool within_limits(const Transform& transform) {
  for (const float entry : transform.m) {
    if (!fits(entry)) return false;
  }
  return true;
}

}  // namespace oct
