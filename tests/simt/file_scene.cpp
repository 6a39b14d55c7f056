#include "simt/file_scene.hpp"

#include <cmath>
#include <numbers>

#include "scene/scene.hpp"
#include "simt/fault.hpp"
#include "support/test_scenes.hpp"

namespace oct::simt {
namespace {

template <class T>
T value_or_fault(Result<T> result) {
  if (!result)
    throw Fault(result.error().message + (result.error().help.empty() ? "" : "; " + result.error().help));
  return *std::move(result);
}

void apply_environment(const FileScene& wanted, Scene& scene) {
  if (!wanted.environment.empty()) {
    const Result<void> result = import_environment(wanted.environment, scene);
    if (!result) throw Fault(result.error().message);
  }
  if (!wanted.environment_power || !scene.environment) return;
  Vec3& radiance = scene.environment->radiance;
  const float power = *wanted.environment_power;
  radiance = {radiance.x * power, radiance.y * power, radiance.z * power};
}

/// Scenes far from the origin are moved there when they are imported.
Vec3 moved(const std::array<float, 3>& point, const std::array<double, 3>& origin) {
  const auto along = [&](std::size_t i) {
    return static_cast<float>(static_cast<double>(point[i]) - origin[i]);
  };
  return {along(0), along(1), along(2)};
}

float vertical_degrees(float horizontal_degrees, const CompileOptions& options) {
  constexpr double kRadians = std::numbers::pi / 180;
  const double aspect = static_cast<double>(options.width) / options.height;
  return static_cast<float>(2 * std::atan(std::tan(horizontal_degrees * kRadians / 2) / aspect) / kRadians);
}

}  // namespace

RenderDataPtr load_file_scene(const FileScene& wanted) {
  Scene scene = value_or_fault(import_scene(wanted.path)).scene;
  apply_environment(wanted, scene);
  complete_scene(scene);
  CompileOptions options = wanted.options;
  if (wanted.eye) {
    options.camera_override =
        test::look_at(moved(*wanted.eye, scene.origin), moved(wanted.target, scene.origin), {0, 1, 0},
                      vertical_degrees(wanted.fov_degrees, options));
  }
  ThreadPool pool;
  return std::make_shared<const RenderData>(value_or_fault(compile(scene, options, pool)));
}

}  // namespace oct::simt
