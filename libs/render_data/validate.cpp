#include "render_data/validate.hpp"

#include <algorithm>

#include "data/unit.hpp"
#include "render_data/bounds.hpp"
#include "render_data/validate_parts.hpp"

namespace oct {
namespace validation {

Result<void> check_camera(const RenderData& data) {
  if (data.cameras.size() != 1) return bad("{} cameras instead of one", data.cameras.size());
  const Camera& camera = data.cameras[0];
  if (!within_limits(camera.world_from_camera)) return bad("camera: it stands beyond 1e18 m");
  const float* m = camera.world_from_camera.m;
  const Vec3 x{m[0], m[4], m[8]};
  const Vec3 y{m[1], m[5], m[9]};
  const Vec3 z{m[2], m[6], m[10]};
  const bool square = within(dot(x, y), -1e-3f, 1e-3f) && within(dot(y, z), -1e-3f, 1e-3f) &&
                      within(dot(z, x), -1e-3f, 1e-3f);
  if (!is_unit(x) || !is_unit(y) || !is_unit(z) || !square) return bad("camera: its transform is not rigid");
  if (camera.projection != Projection::perspective && camera.projection != Projection::orthographic)
    return bad("camera: projection {}", static_cast<u32>(camera.projection));
  if (!(camera.half_width > 0 && camera.half_width <= kLargestHalfWidth) ||
      !(camera.half_height > 0 && camera.half_height <= kLargestHalfWidth)) {
    return bad("camera: image plane of {} x {}", camera.half_width, camera.half_height);
  }
  if (!within(camera.shift_right, -kLargestLensShift, kLargestLensShift) ||
      !within(camera.shift_up, -kLargestLensShift, kLargestLensShift)) {
    return bad("camera: lens shift");
  }
  if (!within(camera.lens_radius, 0, kLargestCoordinate))
    return bad("camera: lens radius {}", camera.lens_radius);
  if (!(camera.focus_distance > 0 && camera.focus_distance <= kLargestCoordinate)) {
    return bad("camera: focus distance {}", camera.focus_distance);
  }
  return {};
}

Result<void> check_render_settings(const RenderData& data) {
  if (data.settings.size() != 1) return bad("{} settings instead of one", data.settings.size());
  const RenderSettings& settings = data.settings[0];
  if (settings.width < 1 || settings.height < 1 || settings.width > kMaxFilmSide ||
      settings.height > kMaxFilmSide) {
    return bad("a film of {} x {}", settings.width, settings.height);
  }
  if (settings.samples_per_pixel < 1 || settings.max_depth > kMaxBounces) {
    return bad("{} samples, {} bounces", settings.samples_per_pixel, settings.max_depth);
  }
  if (!are_extra_pass_ends_valid(settings)) return bad("settings: extra ends of passes");
  if (!are_pass_steps_valid(settings.pass_steps))
    return bad("settings: {} steps of passes", settings.pass_steps);
  if (settings.quantum_log2 < kMinQuantumLog2 || settings.quantum_log2 > kMaxQuantumLog2)
    return bad("quantum 2^{}", settings.quantum_log2);
  if (!(settings.indirect_limit > 0 && settings.indirect_limit <= settings.contribution_limit &&
        settings.contribution_limit <= kLargestFloat)) {
    return bad("contribution limits {} and {}", settings.contribution_limit, settings.indirect_limit);
  }
  // every factor is exact in double but the last product, which is far from the limit
  const double quanta = static_cast<double>(u64{1} << -settings.quantum_log2);
  const double largest = static_cast<double>(settings.contribution_limit) * quanta *
                         static_cast<double>(contributions_per_sample(settings)) *
                         static_cast<double>(settings.samples_per_pixel);
  if (!(largest < static_cast<double>(u64{1} << kFilmSumBits))) {
    return bad("{} samples of up to {} do not fit the film", settings.samples_per_pixel,
               settings.contribution_limit);
  }
  return {};
}

}  // namespace validation

namespace {

/// Whether one of the valid scenes has all these arrays in common with the data.
template <class... Array>
bool is_known(const RenderData& data, std::span<const RenderDataPtr> valid, Array... arrays) {
  return std::any_of(valid.begin(), valid.end(), [&](const RenderDataPtr& scene) {
    return ((data.*arrays).is_same((*scene).*arrays) && ...);
  });
}

}  // namespace

Result<void> validate(const RenderData& data, ThreadPool* pool, std::span<const RenderDataPtr> valid,
                      const std::stop_token& stop) {
  using R = RenderData;
  namespace v = validation;
  /// Left out where `arrays`, all that the check looks at, are known to be valid together.
  const auto unless_known = [&](auto check, auto... arrays) -> Result<void> {
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "checking the scene was cancelled");
    return is_known(data, valid, arrays...) ? Result<void>() : check(data, pool);
  };
  OCT_TRY(v::check_render_settings(data));
  OCT_TRY(v::check_camera(data));
  OCT_TRY(unless_known(v::check_textures, &R::texture_images, &R::texels, &R::texture_slots));
  OCT_TRY(unless_known(v::check_materials, &R::materials, &R::texture_slots));
  OCT_TRY(unless_known(v::check_meshes, &R::meshes, &R::positions, &R::triangles, &R::normals, &R::tangents,
                       &R::uvs, &R::colors));
  OCT_TRY(unless_known(v::check_instances, &R::instances, &R::meshes, &R::positions, &R::triangles,
                       &R::materials));
  OCT_TRY(unless_known(v::check_environment, &R::environments, &R::environment_alias, &R::environment_density,
                       &R::texture_images, &R::lights));
  return unless_known(v::check_lights, &R::lights, &R::light_alias, &R::instances, &R::meshes,
                      &R::environments);
}

}  // namespace oct
