#include <algorithm>
#include <cmath>

#include "math/vec.hpp"
#include "scene/own_light.hpp"
#include "scene/placement.hpp"
#include "scene/pose.hpp"
#include "scene/scene.hpp"
#include "scene/studio_light.hpp"

namespace oct {
namespace {

constexpr float kFovDegrees = 40;
constexpr double kTanHalfFov = 0.36397023426620234;  // of 20 degrees

Bounds3 scene_bounds(const PosedScene& scene) {
  std::vector<Bounds3> meshes;
  meshes.reserve(scene.meshes.size());
  for (std::size_t i = 0; i < scene.meshes.size(); ++i) meshes.push_back(bounds_of(scene.meshes[i]));
  Bounds3 bounds{splat(kInfinity), splat(-kInfinity)};
  for (const SceneInstance& instance : scene.instances) {
    const Bounds3 world = transform_bounds(instance.world_from_object, meshes[instance.mesh]);
    bounds.lo = min(bounds.lo, world.lo);
    bounds.hi = max(bounds.hi, world.hi);
  }
  const bool usable = is_traceable(bounds) && bounds.lo.x <= bounds.hi.x;
  return usable ? bounds : Bounds3{splat(-1), splat(1)};
}

/// How far from the box's centre a camera must stand so that all its corners are in a square picture, with a
/// margin.
float framing_distance(const Transform& camera, Vec3 half) {
  constexpr double kMargin = 1.08;
  const float* m = camera.m;
  double distance = 0;
  for (unsigned corner = 0; corner < 8; ++corner) {
    const double x = (corner & 1u) != 0 ? half.x : -half.x;
    const double y = (corner & 2u) != 0 ? half.y : -half.y;
    const double z = (corner & 4u) != 0 ? half.z : -half.z;
    const auto along = [&](std::size_t axis) { return m[axis] * x + m[4 + axis] * y + m[8 + axis] * z; };
    const double sideways = std::max(std::fabs(along(0)), std::fabs(along(1)));
    distance = std::max(distance, along(2) + kMargin * sideways / kTanHalfFov);
  }
  return static_cast<float>(distance);
}

/// From the front, the right and above, as pictures of products are taken; glTF's models face +Z.
SceneCamera framing_camera(const PosedScene& scene) {
  const Bounds3 bounds = scene_bounds(scene);
  const Vec3 centre = bounds.lo * 0.5f + bounds.hi * 0.5f;
  const Vec3 half = bounds.hi * 0.5f - bounds.lo * 0.5f;
  const Vec3 towards_camera = normalize({0.55f, 0.4f, 1.0f});
  const Transform at_origin = looking_at(towards_camera, {0, 0, 0}, {0, 1, 0});
  float distance = framing_distance(at_origin, half);
  // a single point has no size, and far from the origin floats cannot tell two close points apart
  const float least = max(max_component(abs(centre)) * 1e-4f, 1e-6f);
  if (!(distance > least)) distance = max(least, max_component(half) > 0.0f ? least : 1.0f);
  SceneCamera camera;
  camera.name = "framing camera";
  camera.world_from_camera = at_origin;
  const Vec3 position = centre + towards_camera * distance;
  camera.world_from_camera.m[3] = position.x;
  camera.world_from_camera.m[7] = position.y;
  camera.world_from_camera.m[11] = position.z;
  camera.vertical_fov_degrees = kFovDegrees;
  camera.focus_distance_m = distance;
  return camera;
}

/// Light that a file sets on purpose, however faint.
bool has_lights(const PosedScene& scene) {
  if (scene.environment && !is_black(scene.environment->radiance)) return true;
  const auto shines = [](const SceneLight& light) { return !is_black(light.intensity); };
  return std::any_of(scene.lights.begin(), scene.lights.end(), shines);
}

/// An environment of the file or the user takes the neutral one's place.
bool wants_neutral_light(const PosedScene& scene, NeutralLight light) {
  switch (light) {
    case NeutralLight::on: return !scene.environment || is_black(scene.environment->radiance);
    case NeutralLight::off: return false;
    case NeutralLight::automatic: return !has_lights(scene) && is_dark_by_its_emitters(scene);
  }
  return false;
}

void add_neutral_light(Scene& scene) {
  scene.environment = SceneEnvironment{};
  scene.environment->image = scene.images.size();
  scene.images.push_back(studio_light());
}

}  // namespace

SceneAdditions complete_scene(Scene& scene, PosedScene& posed, NeutralLight light) {
  SceneAdditions added;
  if (scene.cameras.empty()) {
    scene.cameras.push_back(framing_camera(posed));
    posed.cameras = scene.cameras;  // it hangs on no node
    added.camera = true;
  }
  if (wants_neutral_light(posed, light)) {
    add_neutral_light(scene);
    posed.images = scene.images;
    posed.environment = scene.environment;
    added.light = true;
  }
  return added;
}

SceneAdditions complete_scene(Scene& scene, NeutralLight light, const PoseOptions& moment) {
  PosedScene posed = pose(scene, moment);
  return complete_scene(scene, posed, light);
}

}  // namespace oct
