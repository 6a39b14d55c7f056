#include "compile/compile.hpp"

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
  settings.seed = options.seed;
  settings.max_depth = options.max_depth;
  settings.quantum_log2 = options.quantum_log2;
  settings.contribution_limit = options.contribution_limit;
  settings.indirect_limit = options.indirect_limit.value_or(options.contribution_limit);
  settings.frame = options.frame;
  return settings;
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
  if (auto warning = missing_uvs_warning(scene)) notes.push_back(std::move(*warning));
  if (auto warning = shared_faces_warning(scene)) notes.push_back(std::move(*warning));
  if (auto warning = inside_out_warning(scene)) notes.push_back(std::move(*warning));
  const float* eye = camera.world_from_camera.m;
  const Vec3 position{eye[3], eye[7], eye[11]};
  if (auto warning = out_of_view_warning(scene, camera, data.settings[0]))
    notes.push_back(std::move(*warning));
  if (auto warning = facing_inward_warning(scene, position)) notes.push_back(std::move(*warning));
  if (auto warning = shut_in_warning(scene, position)) notes.push_back(std::move(*warning));
  return data;
}

Result<RenderData> compile(const Scene& scene, const CompileOptions& options, ThreadPool& pool,
                           std::vector<std::string>* warnings) {
  set_float_mode();
  return compile(pose(scene), options, pool, warnings);
}

}  // namespace oct
