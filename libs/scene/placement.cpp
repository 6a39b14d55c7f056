#include "scene/placement.hpp"

#include <cmath>
#include <limits>

#include "math/transform.hpp"
#include "scene/double3.hpp"

namespace oct {
namespace {

bool fits_float(double value) {
  return std::fabs(value) <= static_cast<double>(std::numeric_limits<float>::max());
}

Transform to_transform(const std::array<double, 12>& rows) {
  Transform transform{};
  for (std::size_t i = 0; i < 12; ++i) transform.m[i] = static_cast<float>(rows[i]);
  return transform;
}

Transform from_axes(Double3 x, Double3 y, Double3 z, Double3 position) {
  return to_transform({x.x, y.x, z.x, position.x, x.y, y.y, z.y, position.y, x.z, y.z, z.z, position.z});
}

}  // namespace

std::optional<Transform> placement_of(const std::array<double, 12>& rows) {
  for (const double value : rows) {
    if (!fits_float(value)) return std::nullopt;
  }
  return to_transform(rows);
}

bool spans_a_plane(const Transform& transform) {
  const float* m = transform.m;
  const Double3 x{m[0], m[4], m[8]};
  const Double3 y{m[1], m[5], m[9]};
  const Double3 z{m[2], m[6], m[10]};
  for (const Double3 area : {cross(x, y), cross(y, z), cross(z, x)}) {
    if (dot(area, area) > 0) return true;
  }
  return false;
}

std::optional<Transform> rigid_placement_of(const std::array<double, 12>& rows) {
  const Double3 first{rows[0], rows[4], rows[8]};
  const Double3 second{rows[1], rows[5], rows[9]};
  const Double3 third{rows[2], rows[6], rows[10]};
  std::optional<Double3> z = unit(third);
  if (!z) z = unit(cross(first, second));
  if (!z) return std::nullopt;
  std::optional<Double3> scaled_second = unit(second);
  if (!scaled_second) scaled_second = unit(cross(third, first));
  if (!scaled_second) return std::nullopt;
  const std::optional<Double3> y = unit(*scaled_second - *z * dot(*scaled_second, *z));
  if (!y) return std::nullopt;
  for (const double value : {rows[3], rows[7], rows[11]}) {
    if (!fits_float(value)) return std::nullopt;
  }
  return from_axes(cross(*y, *z), *y, *z, {rows[3], rows[7], rows[11]});
}

Transform looking_at(Vec3 position, Vec3 target, Vec3 up) {
  const Double3 eye{position.x, position.y, position.z};
  const std::optional<Double3> z = unit(eye - Double3{target.x, target.y, target.z});
  OCT_CHECK(z.has_value());
  const std::optional<Double3> x = unit(cross({up.x, up.y, up.z}, *z));
  OCT_CHECK(x.has_value());
  return from_axes(*x, cross(*z, *x), *z, eye);
}

Bounds3 bounds_of(const SceneMesh& mesh) {
  Bounds3 bounds{splat(kInfinity), splat(-kInfinity)};
  for (const Vec3 position : mesh.positions) {
    bounds.lo = min(bounds.lo, position);
    bounds.hi = max(bounds.hi, position);
  }
  return bounds;
}

bool is_traceable(const Bounds3& world) {
  const float farthest = max(max_component(abs(world.lo)), max_component(abs(world.hi)));
  return is_finite(farthest) && farthest <= kMaxCoordinate;
}

}  // namespace oct
