#include "compile/in_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "compile/transforms.hpp"
#include "math/transform.hpp"
#include "math/vec.hpp"
#include "scene/placement.hpp"

namespace oct {
namespace {

/// What a camera sees at unit depth (of a parallel projection: everywhere), in its own space.
struct View {
  Transform camera_from_world;
  bool parallel;
  Vec2 lo, hi;  ///< x to the right, y up
  Vec2 pixel;   ///< size
};

std::optional<View> view_of_camera(const Camera& camera, const RenderSettings& settings) {
  const auto camera_from_world = inverse(camera.world_from_camera);
  if (!camera_from_world || camera.lens_radius > 0) return std::nullopt;
  const float width = 2 * camera.half_width;
  const float height = 2 * camera.half_height;
  const Vec2 lo{(camera.shift_right - 0.5f) * width, (camera.shift_up - 0.5f) * height};
  return View{*camera_from_world,
              camera.projection == Projection::orthographic,
              lo,
              {lo.x + width, lo.y + height},
              {width / static_cast<float>(settings.width), height / static_cast<float>(settings.height)}};
}

std::array<Vec3, 8> corners_of(const Bounds3& box) {
  std::array<Vec3, 8> corners{};
  for (unsigned i = 0; i < corners.size(); ++i) {
    corners[i] = {(i & 1u) != 0 ? box.hi.x : box.lo.x, (i & 2u) != 0 ? box.hi.y : box.lo.y,
                  (i & 4u) != 0 ? box.hi.z : box.lo.z};
  }
  return corners;
}

/// How many pixels wide or high the box of an object is in the picture: 0 for one that is not in view, infinite for
/// one that reaches behind the camera.
float pixels_of(const Bounds3& world, const View& view) {
  unsigned beyond_all = 31;  // a bit for each side that all corners lie beyond
  bool reaches_behind = false;
  Vec2 lo{kInfinity, kInfinity};
  Vec2 hi{-kInfinity, -kInfinity};
  for (const Vec3 corner : corners_of(world)) {
    const Vec3 p = transform_point(view.camera_from_world, corner);
    const float w = view.parallel ? 1.0f : -p.z;
    beyond_all &= (p.x < view.lo.x * w ? 1u : 0u) | (p.x > view.hi.x * w ? 2u : 0u) |
                  (p.y < view.lo.y * w ? 4u : 0u) | (p.y > view.hi.y * w ? 8u : 0u) | (p.z >= 0 ? 16u : 0u);
    reaches_behind = reaches_behind || p.z >= 0;
    lo = {min(lo.x, p.x / w), min(lo.y, p.y / w)};
    hi = {max(hi.x, p.x / w), max(hi.y, p.y / w)};
  }
  if (beyond_all != 0) return 0;
  return reaches_behind ? kInfinity : max((hi.x - lo.x) / view.pixel.x, (hi.y - lo.y) / view.pixel.y);
}

}  // namespace

std::optional<std::string> out_of_view_warning(const PosedScene& scene, const Camera& camera,
                                               const RenderSettings& settings) {
  const std::optional<View> view = view_of_camera(camera, settings);
  if (!view || scene.instances.empty()) return std::nullopt;
  std::vector<std::optional<Bounds3>> boxes(scene.meshes.size());
  float largest = 0;
  for (const SceneInstance& instance : scene.instances) {
    std::optional<Bounds3>& box = boxes[instance.mesh];
    if (!box) box = bounds_of(scene.meshes[instance.mesh]);
    largest = max(largest, pixels_of(transform_bounds(instance.world_from_object, *box), *view));
    if (largest >= 1) return std::nullopt;
  }
  const std::size_t count = scene.instances.size();
  const std::string objects =
      count == 1 ? "the scene's object" : fmt::format("the scene's {} objects", count);
  if (largest > 0)
    return fmt::format(
        "of {}, none is as large as a pixel in the picture: they lie far from the camera, or from each "
        "other; hide what lies far away, or move the camera with --cam-pos and --cam-target",
        objects);
  return fmt::format(
      "the camera sees nothing of {}: all of it lies behind the camera or beside its view; --camera "
      "takes another one, --cam-pos and --cam-target move it",
      objects);
}

}  // namespace oct
