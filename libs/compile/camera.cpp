#include "compile/camera.hpp"

#include <fmt/format.h>

#include "compile/transforms.hpp"
#include "math/transcendental.hpp"

namespace oct {
namespace {

/// Radians of half an angle in degrees.
float half_angle(float degrees) {
  return degrees * (kPi / 360.0f);
}

Result<void> check_camera(const SceneCamera& camera) {
  const auto bad = [&](std::string what) {
    return fail(ErrorKind::invalid_input, fmt::format("camera \"{}\": {}", camera.name, what));
  };
  if (!is_finite(camera.world_from_camera)) return bad("its position or direction is not finite");
  if (camera.orthographic_height_m) {
    const float height = *camera.orthographic_height_m;
    if (!(height > 0 && height <= kLargestHalfWidth))
      return bad(fmt::format("a view of {} m in height; it must be above 0", height));
  } else if (!(camera.vertical_fov_degrees > 0 && camera.vertical_fov_degrees < 180)) {
    return bad(fmt::format("a field of view of {} degrees; it must be above 0 and below 180",
                           camera.vertical_fov_degrees));
  }
  if (!(camera.lens_radius_m >= 0 && camera.lens_radius_m <= kLargestCoordinate)) {
    return bad(fmt::format("a lens radius of {} m", camera.lens_radius_m));
  }
  if (!(camera.focus_distance_m > 0 && camera.focus_distance_m <= kLargestCoordinate)) {
    return bad(fmt::format("a focus distance of {} m; it must be above 0", camera.focus_distance_m));
  }
  if (!(abs(camera.shift_right) <= kLargestLensShift && abs(camera.shift_up) <= kLargestLensShift))
    return bad("a lens shift above 1000");
  return {};
}

}  // namespace

Result<Camera> make_camera(const PosedScene& scene, const CompileOptions& options) {
  if (!options.camera_override && options.camera >= scene.cameras.size()) {
    return fail(ErrorKind::invalid_input,
                fmt::format("there is no camera {}; the scene has {}", options.camera, scene.cameras.size()));
  }
  const SceneCamera& source =
      options.camera_override ? *options.camera_override : scene.cameras[options.camera];
  OCT_TRY(check_camera(source));
  const auto world_from_camera = rigid_part(source.world_from_camera);
  const float* m = source.world_from_camera.m;
  const float farthest = max(abs(m[3]), max(abs(m[7]), abs(m[11])));
  if (!world_from_camera || !(farthest <= kLargestCoordinate)) {
    return fail(ErrorKind::invalid_input,
                fmt::format("camera \"{}\": it has no view direction, or stands beyond 1e18 m", source.name));
  }
  Camera camera{};
  camera.world_from_camera = *world_from_camera;
  camera.projection = source.orthographic_height_m ? Projection::orthographic : Projection::perspective;
  camera.half_height = source.orthographic_height_m ? 0.5f * *source.orthographic_height_m
                                                    : tan(half_angle(source.vertical_fov_degrees));
  camera.half_width =
      camera.half_height * static_cast<float>(options.width) / static_cast<float>(options.height);
  camera.shift_right = source.shift_right;
  camera.shift_up = source.shift_up;
  camera.lens_radius = source.lens_radius_m;
  camera.focus_distance = source.focus_distance_m;
  return camera;
}

}  // namespace oct
