#include "compile/compile.hpp"

#include <functional>
#include <optional>
#include <utility>

#include "base/float_mode.hpp"
#include "compile/camera.hpp"
#include "compile/enclosure.hpp"
#include "compile/environment.hpp"
#include "compile/in_view.hpp"
#include "compile/inside_out.hpp"
#include "compile/instances.hpp"
#include "compile/lights.hpp"
#include "compile/missing_uvs.hpp"
#include "compile/shared_faces.hpp"
#include "render_data/validate.hpp"

namespace oct {
namespace {

RenderSettings make_settings(const CompileOptions& options) {
  RenderSettings settings{};
  settings.width = options.width;
  settings.height = options.height;
  settings.samples_per_pixel = options.samples_per_pixel;
  settings.pass_steps = options.pass_steps;
  settings.seed = options.seed;
  settings.max_depth = options.max_depth;
  settings.quantum_log2 = options.quantum_log2;
  settings.contribution_limit = options.contribution_limit;
  settings.indirect_limit = options.indirect_limit.value_or(options.contribution_limit);
  settings.frame = options.frame;
  return settings;
}

/// What is likely not meant. Each look takes as long as the scene is large, so threads share them.
std::vector<std::string> warnings_about(const PosedScene& scene, const Camera& camera,
                                        const RenderSettings& settings, ThreadPool& pool) {
  const float* eye = camera.world_from_camera.m;
  const Vec3 position{eye[3], eye[7], eye[11]};
  const std::function<std::optional<std::string>()> looks[] = {
      [&] { return missing_uvs_warning(scene); },
      [&] { return shared_faces_warning(scene); },
      [&] { return inside_out_warning(scene); },
      [&] { return out_of_view_warning(scene, camera, settings); },
      [&] { return facing_inward_warning(scene, position); },
      [&] { return shut_in_warning(scene, position); },
  };
  std::vector<std::optional<std::string>> found(std::size(looks));
  pool.for_each(found.size(), [&](std::size_t i) { found[i] = looks[i](); });
  std::vector<std::string> warnings;
  for (auto& warning : found) {
    if (warning) warnings.push_back(*std::move(warning));
  }
  return warnings;
}

}  // namespace

Result<RenderData> compile(const PosedScene& scene, const CompileOptions& options, ThreadPool& pool,
                           std::vector<std::string>* warnings) {
  set_float_mode();
  std::vector<std::string> unheard;
  std::vector<std::string>& notes = warnings != nullptr ? *warnings : unheard;
  notes.insert(notes.end(), scene.warnings.begin(), scene.warnings.end());
  RenderData data;
  data.settings.edit().push_back(make_settings(options));
  OCT_TRY_ASSIGN(const Camera camera, make_camera(scene, options));
  data.cameras.edit().push_back(camera);
  OCT_TRY_ASSIGN(TextureTable textures, TextureTable::make(scene, pool));
  auto environment = start_environment_tables(scene, pool.thread_count());
  OCT_TRY(add_instances(scene, textures, pool, data, notes));
  textures.fill(pool, data);
  OCT_TRY_ASSIGN(const double environment_luminance,
                 add_environment(scene, textures, std::move(environment), pool, data));
  OCT_TRY(add_lights(scene, environment_luminance, pool, data, notes));
  // nothing leaves that a slave would refuse: options and files can still be out of range here
  if (auto valid = validate(data, &pool); !valid)
    return fail(ErrorKind::invalid_input, valid.error().message);
  for (std::string& warning : warnings_about(scene, camera, data.settings[0], pool))
    notes.push_back(std::move(warning));
  return data;
}

Result<RenderData> compile(const Scene& scene, const CompileOptions& options, ThreadPool& pool,
                           std::vector<std::string>* warnings) {
  set_float_mode();
  return compile(pose(scene), options, pool, warnings);
}

}  // namespace oct
