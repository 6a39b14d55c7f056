#include "scene/recentre.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scene/placement.hpp"

namespace oct {
namespace {

constexpr double kFar = 1e4;
constexpr double kTimesItsSize = 10;

/// Far enough for whole metres, near enough for their exact difference.
constexpr double kFarthest = kMaxCoordinate;

double largest(const Point3& point) {
  return std::max({std::fabs(point[0]), std::fabs(point[1]), std::fabs(point[2])});
}

float shifted(float value, double by) {
  return static_cast<float>(static_cast<double>(value) + by);
}

void shift(SceneMesh& mesh, const Point3& by) {
  for (Vec3& p : mesh.positions) p = {shifted(p.x, by[0]), shifted(p.y, by[1]), shifted(p.z, by[2])};
}

FileBounds file_bounds(const Bounds3& bounds, const Point3& origin) {
  const auto point = [&](Vec3 p) {
    return Point3{static_cast<double>(p.x) + origin[0], static_cast<double>(p.y) + origin[1],
                  static_cast<double>(p.z) + origin[2]};
  };
  return {point(bounds.lo), point(bounds.hi)};
}

Point3 negative(const Point3& point) {
  return {-point[0], -point[1], -point[2]};
}

}  // namespace

std::optional<Point3> surveyed_origin(const FileBounds& bounds) {
  Point3 centre{};
  Point3 size{};
  for (std::size_t i = 0; i < 3; ++i) {
    if (!(bounds.lo[i] <= bounds.hi[i])) return std::nullopt;  // nothing is there
    centre[i] = std::round((bounds.lo[i] + bounds.hi[i]) / 2);
    size[i] = bounds.hi[i] - bounds.lo[i];
  }
  const double distance = largest(centre);
  const bool surveyed =
      distance >= kFar && distance <= kFarthest && distance >= kTimesItsSize * largest(size);
  return surveyed ? std::optional(centre) : std::nullopt;
}

Point3 origin_near(const Point3& point) {
  const double distance = largest(point);
  if (!(distance >= kFar && distance <= kFarthest)) return {0, 0, 0};
  return {std::round(point[0]), std::round(point[1]), std::round(point[2])};
}

void settle_origin(const Point3& origin, Scene& scene, ImportLog& log) {
  if (largest(origin) == 0) return;
  Bounds3 bounds{splat(kInfinity), splat(-kInfinity)};
  for (const SceneMesh& mesh : scene.meshes) {
    const Bounds3 of_mesh = bounds_of(mesh);
    bounds = {min(bounds.lo, of_mesh.lo), max(bounds.hi, of_mesh.hi)};
  }
  if (surveyed_origin(file_bounds(bounds, origin))) return set_origin(origin, scene, log);
  for (SceneMesh& mesh : scene.meshes) shift(mesh, origin);
}

Point3 recentre_mesh(SceneMesh& mesh) {
  const std::optional<Point3> centre = surveyed_origin(file_bounds(bounds_of(mesh), {0, 0, 0}));
  if (!centre) return {0, 0, 0};
  shift(mesh, negative(*centre));
  return *centre;
}

void set_origin(const Point3& origin, Scene& scene, ImportLog& log) {
  scene.origin = origin;
  log.warn("",
           fmt::format("lies far from its origin, so {:.0f} {:.0f} {:.0f} is subtracted from its coordinates",
                       origin[0], origin[1], origin[2]));
}

}  // namespace oct
