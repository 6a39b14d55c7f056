#include "master/compiled_scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/escaped.hpp"
#include "base/file.hpp"
#include "base/memory_limit.hpp"
#include "base/version.hpp"
#include "film/contribution.hpp"
#include "render_data/compiled_scene_file.hpp"
#include "render_data/limits.hpp"
#include "render_data/validate.hpp"
#include "wire/kernel_hash.hpp"
#include "wire/limits.hpp"

namespace oct {
namespace {

/// An option that changes what a scene is compiled to; none when nothing of that kind is asked for.
const char* option_of_compiling(const SceneChoice& choice) {
  const std::pair<bool, const char*> options[] = {
      {!choice.animation.empty(), "--animation"},
      {choice.time_s != 0, "--time"},
      {!choice.camera.empty(), "--camera"},
      {choice.camera_override.any(), "--cam-..."},
      {!choice.environment.empty(), "--environment"},
      {choice.daylight.has_value(), "--daylight-..."},
      {choice.environment_rotation.has_value(), "--environment-rotation"},
      {choice.environment_power.has_value(), "--environment-power"},
      {choice.double_sided, "--double-sided"},
      {choice.neutral_light != NeutralLight::automatic, "--neutral-light"},
      {choice.import_options.light_units != LightUnits::automatic, "--light-units"},
      {choice.import_options.solid_glass, "--solid-glass"},
      {choice.import_options.strict, "--strict"},
  };
  const auto found =
      std::find_if(std::begin(options), std::end(options), [](const auto& option) { return option.first; });
  return found == std::end(options) ? nullptr : found->second;
}

/// One alone keeps the shape that the scene was compiled for.
void choose_size(const SceneChoice& choice, RenderSettings& settings) {
  const double aspect = static_cast<double>(settings.width) / settings.height;
  const auto rounded = [](double pixels) {
    return static_cast<std::uint32_t>(std::lround(std::clamp(pixels, 1.0, double{kMaxFilmSide})));
  };
  if (choice.width) settings.width = *choice.width;
  if (choice.height) settings.height = *choice.height;
  if (choice.width && !choice.height) settings.height = rounded(settings.width / aspect);
  if (choice.height && !choice.width) settings.width = rounded(settings.height * aspect);
}

/// As compile() would have made them.
RenderData with_choice(const RenderData& data, const SceneChoice& choice) {
  RenderSettings settings = data.settings.front();
  Camera camera = data.cameras.front();
  choose_size(choice, settings);
  settings.samples_per_pixel = choice.samples_per_pixel.value_or(settings.samples_per_pixel);
  settings.pass_steps = choice.pass_steps;
  settings.seed = choice.seed.value_or(settings.seed);
  settings.max_depth = choice.max_depth.value_or(settings.max_depth);
  if (choice.samples_are_default)
    settings.samples_per_pixel = std::min(settings.samples_per_pixel, most_samples_per_pixel(settings));
  settings.indirect_limit = choice.clamp_indirect.value_or(settings.indirect_limit);
  camera.half_width =
      camera.half_height * static_cast<float>(settings.width) / static_cast<float>(settings.height);
  return with_camera_and_settings(data, camera, settings);
}

std::uint64_t most_bytes() {
  const auto limit = memory_limit();
  return limit ? std::min<std::uint64_t>(limit->bytes, kMaxSceneBytes) : kMaxSceneBytes;
}

/// Films of other kernels differ, if only in their last bits.
std::optional<std::string> foreign_kernels_warning(const CompiledSceneHeader& header,
                                                   const std::string& path) {
  if (header.kernel_hash == kernel_hash()) return std::nullopt;
  return fmt::format(
      "{}: was compiled by version {} for other kernels; the picture may differ from that of the scene "
      "itself: compile it again with this program where that matters",
      escaped(file_name(path)), header.program_version);
}

}  // namespace

Result<LoadedScene> load_compiled_scene(const SceneChoice& choice, ThreadPool& pool, ExitCode& failure_code) {
  failure_code = ExitCode::usage;
  if (const char* option = option_of_compiling(choice)) {
    return fail(
        ErrorKind::invalid_input,
        fmt::format("{}: is compiled already; {} cannot change it", escaped(file_name(choice.path)), option),
        fmt::format("octane_master compile SCENE {} ... -o FILE.octscene makes another one", option));
  }
  failure_code = ExitCode::input;
  auto read = read_compiled_scene(choice.path, most_bytes(), pool);
  if (!read && read.error().kind == ErrorKind::exhausted) failure_code = ExitCode::device;
  OCT_TRY_ASSIGN(CompiledScene scene, std::move(read));
  const auto compiled = std::make_shared<const RenderData>(std::move(scene.data));
  auto data = std::make_shared<const RenderData>(with_choice(*compiled, choice));
  failure_code = ExitCode::usage;
  OCT_TRY(check_settings(data->settings.front()));
  if (auto valid = validate(*data, &pool, {&compiled, 1}); !valid)
    return fail(ErrorKind::invalid_input, valid.error().message);

  LoadedScene loaded;
  if (auto warning = foreign_kernels_warning(scene.header, choice.path))
    loaded.warnings.push_back(*std::move(warning));
  loaded.summary = summary_of(scene.header.scene_name, *data);
  loaded.camera_name = scene.header.camera_name;
  loaded.chunks = std::make_shared<const ChunkedScene>(std::move(data), &pool);
  loaded.hash = hash(loaded.chunks->manifest());
  return loaded;
}

Result<void> save_compiled_scene(const std::string& path, const LoadedScene& scene, ThreadPool& pool) {
  return write_compiled_scene(path, {kVersion, kernel_hash(), scene.summary.name, scene.camera_name},
                              *scene.chunks, pool);
}

}  // namespace oct
