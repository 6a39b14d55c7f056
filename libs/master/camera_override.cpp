#include "master/camera_override.hpp"

#include <cmath>

#include "math/transcendental.hpp"

namespace oct {
namespace {

constexpr float kRadiansPerDegree = 0.017453292519943295f;

/// A vector in double, for the little algebra below.
struct Point {
  double x, y, z;
};
Point minus(Point a, Point b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
Point cross(Point a, Point b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
double dot(Point a, Point b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
Point unit(Point a, Point otherwise) {
  const double length = std::sqrt(dot(a, a));
  if (!(length > 0)) return otherwise;
  return {a.x / length, a.y / length, a.z / length};
}

template <class T>
void replace(Point& value, const std::array<std::optional<T>, 3>& by) {
  if (by[0]) value.x = static_cast<double>(*by[0]);
  if (by[1]) value.y = static_cast<double>(*by[1]);
  if (by[2]) value.z = static_cast<double>(*by[2]);
}

template <class T>
bool any_of(const std::array<std::optional<T>, 3>& values) {
  return values[0] || values[1] || values[2];
}

/// What up means where the user does not say it. Turning the camera's own up with it would roll the horizon, unless
/// the camera was meant to be rolled.
Point default_up(const SceneCamera& camera, const CameraOverride& override) {
  const float* m = camera.world_from_camera.m;
  const bool moved = any_of(override.position);
  const bool turned = any_of(override.target);
  const bool is_level = std::fabs(m[4]) < 1e-3f && m[5] > 0.0f;
  if ((moved && turned) || ((moved || turned) && is_level)) return {0, 1, 0};
  return {m[1], m[5], m[9]};
}

/// To the right of a camera that looks along -`z`. One that looks along its up direction, as nearly as floats tell,
/// sees -Z above, as a plan is drawn.
Point rightward(const Point& up, const Point& z) {
  constexpr double kParallel = 1e-5;
  const Point side = cross(unit(up, {0, 0, 0}), z);
  const bool is_along_up = dot(side, side) < kParallel * kParallel;
  return unit(is_along_up ? cross({0, 1, -1e-3}, z) : side, {1, 0, 0});
}

}  // namespace

CameraOverride from_origin(CameraOverride override, const std::array<double, 3>& origin) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (override.position[i]) *override.position[i] -= origin[i];
    if (override.target[i]) *override.target[i] -= origin[i];
  }
  return override;
}

SceneCamera overridden(const SceneCamera& camera, const CameraOverride& override, double aspect) {
  SceneCamera result = camera;
  if (override.focus_distance) result.focus_distance_m = *override.focus_distance;
  if (override.lens_radius) result.lens_radius_m = *override.lens_radius;
  if (override.shift_up) result.shift_up = *override.shift_up;
  if (override.shift_right) result.shift_right = *override.shift_right;
  if (override.fov) {
    result.orthographic_height_m.reset();
    // tan(vertical / 2) = tan(horizontal / 2) / aspect, with the functions that give the same bits everywhere
    const SinCos half = sincos(*override.fov * 0.5f * kRadiansPerDegree);
    result.vertical_fov_degrees =
        2 * atan2(half.sin, half.cos * static_cast<float>(aspect)) / kRadiansPerDegree;
  }

  const float* m = camera.world_from_camera.m;
  Point position{m[3], m[7], m[11]};
  const Point backward{m[2], m[6], m[10]};
  Point up = default_up(camera, override);
  const double reach = camera.focus_distance_m > 0 ? static_cast<double>(camera.focus_distance_m) : 1;
  Point target{position.x - backward.x * reach, position.y - backward.y * reach,
               position.z - backward.z * reach};
  replace(position, override.position);
  replace(target, override.target);
  replace(up, override.up);
  const Point z = unit(minus(position, target), {0, 0, 1});
  const Point x = rightward(up, z);
  const Point y = cross(z, x);
  const auto f = [](double value) { return static_cast<float>(value); };
  result.world_from_camera = {{f(x.x), f(y.x), f(z.x), f(position.x), f(x.y), f(y.y), f(z.y), f(position.y),
                               f(x.z), f(y.z), f(z.z), f(position.z)}};
  return result;
}

}  // namespace oct
