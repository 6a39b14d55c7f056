#pragma once
#include "data/render_data.hpp"
#include "math/transform.hpp"
#include "sample/warp.hpp"

namespace oct::inline OCT_ISA {

/// Primary ray of pixel (x, y), counted from the top left; direction is unit, without end.
/// on_pixel  in [0, 1)^2, where in the pixel (box filter), downward
/// on_lens   in [0, 1)^2, where on the thin lens
OCT_HD Ray camera_ray(const Camera& camera, const RenderSettings& settings, u32 x, u32 y, Vec2 on_pixel,
                      Vec2 on_lens) {
  const float across = (static_cast<float>(x) + on_pixel.x) / static_cast<float>(settings.width);
  const float down = (static_cast<float>(y) + on_pixel.y) / static_cast<float>(settings.height);
  const float right = (2.0f * (across + camera.shift_right) - 1.0f) * camera.half_width;
  const float up = (1.0f - 2.0f * (down - camera.shift_up)) * camera.half_height;
  const bool parallel = camera.projection == Projection::orthographic;
  Vec3 from = parallel ? Vec3{right, up, 0.0f} : Vec3{0.0f, 0.0f, 0.0f};
  Vec3 toward = parallel ? Vec3{0.0f, 0.0f, -1.0f} : Vec3{right, up, -1.0f};
  if (camera.lens_radius > 0.0f) {
    // all rays of a pixel meet in the plane of focus
    const DiskPoint lens = warp_disk(on_lens);
    const Vec3 aside = {lens.x * camera.lens_radius, lens.y * camera.lens_radius, 0.0f};
    from = from + aside;
    toward = toward * camera.focus_distance - aside;
  }
  const Vec3 origin = transform_point(camera.world_from_camera, from);
  const Vec3 direction = normalize(transform_vector(camera.world_from_camera, toward));
  return {origin, 0.0f, direction, kInfinity, {-1.0f, 0, 0}, kNone, kNone};
}

}  // namespace oct::inline OCT_ISA
