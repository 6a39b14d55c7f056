#include "master/scene_loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <future>

#include "base/file.hpp"
#include "base/float_mode.hpp"
#include "compile/compile.hpp"
#include "film/contribution.hpp"
#include "master/camera_override.hpp"
#include "master/compiled_scene.hpp"
#include "render_data/compiled_scene_file.hpp"
#include "scene/import_log.hpp"
#include "scene/pose.hpp"

namespace oct {
namespace {

constexpr double kDefaultAspect = 16.0 / 9.0;
constexpr std::uint32_t kDefaultWidth = 1280;
constexpr std::uint32_t kDefaultHeight = 720;

std::optional<std::size_t> number_of(const std::string& text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// By name, else by number; the first when nothing is said, nothing for none.
Result<std::optional<std::size_t>> find_animation(const Scene& scene, const std::string& wanted) {
  using Found = std::optional<std::size_t>;
  if (wanted.empty()) return Found(0);
  const std::vector<SceneAnimation>& animations = scene.animations;
  for (std::size_t i = 0; i < animations.size(); ++i) {
    if (animations[i].name == wanted) return Found(i);
  }
  if (wanted == "none") return Found();
  const Found number = number_of(wanted);
  if (number && *number < animations.size()) return number;
  std::string names;
  for (std::size_t i = 0; i < animations.size(); ++i) {
    names += fmt::format("{}{} \"{}\" ({:.6g} s)", i == 0 ? "" : ", ", i, printable(animations[i].name),
                         animations[i].duration_s());
  }
  return fail(ErrorKind::invalid_input,
              fmt::format("--animation {}: {} has no such animation", wanted, scene.name),
              names.empty() ? "it has no animations; leave --animation out" : "its animations are " + names);
}

/// By name, else by number; the first when nothing is said.
Result<std::size_t> find_camera(const Scene& scene, const std::string& wanted) {
  if (wanted.empty()) return std::size_t{0};
  for (std::size_t i = 0; i < scene.cameras.size(); ++i) {
    if (scene.cameras[i].name == wanted) return i;
  }
  const std::optional<std::size_t> number = number_of(wanted);
  if (number && *number < scene.cameras.size()) return *number;
  std::string names;
  for (std::size_t i = 0; i < scene.cameras.size(); ++i) {
    names += fmt::format("{}{} \"{}\"", i == 0 ? "" : ", ", i, scene.cameras[i].name);
  }
  return fail(ErrorKind::invalid_input, fmt::format("--camera {}: {} has no such camera", wanted, scene.name),
              "its cameras are " + names);
}

void choose_film_size(const SceneChoice& choice, const SceneCamera& camera, CompileOptions& options) {
  const double aspect = camera.aspect ? static_cast<double>(*camera.aspect) : kDefaultAspect;
  options.width = choice.width.value_or(kDefaultWidth);
  options.height = choice.height.value_or(kDefaultHeight);
  if (choice.width && !choice.height)
    options.height = std::max(1u, static_cast<std::uint32_t>(std::lround(options.width / aspect)));
  if (choice.height && !choice.width)
    options.width = std::max(1u, static_cast<std::uint32_t>(std::lround(options.height * aspect)));
}

/// What the command line says of the picture and of its camera.
void choose_view(const SceneChoice& choice, const Scene& scene, const SceneCamera& camera,
                 CompileOptions& options) {
  choose_film_size(choice, camera, options);
  if (choice.camera_override.any()) {
    options.camera_override = overridden(camera, from_origin(choice.camera_override, scene.origin),
                                         static_cast<double>(options.width) / options.height);
  }
  options.samples_per_pixel = choice.samples_per_pixel.value_or(kDefaultSamples);
  options.pass_steps = choice.pass_steps;
  options.seed = choice.seed.value_or(options.seed);
  options.max_depth = choice.max_depth.value_or(options.max_depth);
  options.indirect_limit = choice.clamp_indirect;
}

/// The picture of light that the user gave, read on a thread of its own.
std::future<Result<SceneImage>> start_reading_environment(const SceneChoice& choice) {
  if (choice.environment.empty()) return {};
  return std::async(std::launch::async, [path = choice.environment] {
    set_float_mode();
    return read_environment(path);
  });
}

/// How the environment is turned and scaled.
Result<void> turn_environment(const SceneChoice& choice, Scene& scene) {
  if (!choice.environment_rotation && !choice.environment_power) return {};
  if (!scene.environment) {
    return fail(ErrorKind::invalid_input, fmt::format("{} has no environment to turn or scale", scene.name),
                "give one with --environment FILE");
  }
  if (choice.environment_rotation) scene.environment->rotation_degrees = *choice.environment_rotation;
  if (choice.environment_power) {
    Vec3& radiance = scene.environment->radiance;
    const float power = *choice.environment_power;
    radiance = {radiance.x * power, radiance.y * power, radiance.z * power};
  }
  return {};
}

/// The scene with its environment, and with two sides to all surfaces if the user wants that.
Result<ImportedScene> read_scene(const SceneChoice& choice) {
  std::future<Result<SceneImage>> environment = start_reading_environment(choice);
  OCT_TRY_ASSIGN(ImportedScene imported, import_scene(choice.path, choice.import_options));
  for (SceneMaterial& material : imported.scene.materials) material.double_sided |= choice.double_sided;
  if (environment.valid()) {
    OCT_TRY_ASSIGN(SceneImage image, environment.get());
    set_environment(std::move(image), imported.scene);
  }
  if (choice.daylight) set_daylight(*choice.daylight, choice.environment_power.value_or(1), imported.scene);
  OCT_TRY(turn_environment(choice, imported.scene));
  return imported;
}

}  // namespace

SceneSummary summary_of(const std::string& name, const RenderData& data) {
  SceneSummary summary;
  summary.name = name;
  summary.objects = data.instances.size();
  summary.materials = data.materials.size();
  summary.textures = data.texture_images.size();
  for (const Instance& instance : data.instances)
    summary.triangles += data.meshes[instance.mesh].triangle_count;
  summary.bytes = byte_size(data);
  return summary;
}

Result<std::unique_ptr<SceneSource>> SceneSource::open(const SceneChoice& choice, ThreadPool& pool,
                                                       ExitCode& failure_code) {
  std::unique_ptr<SceneSource> source(new SceneSource(choice));
  if (is_compiled_scene_file(choice.path)) {
    OCT_TRY_ASSIGN(source->compiled_, load_compiled_scene(choice, pool, failure_code));
    return source;
  }
  Result<ImportedScene> imported = read_scene(choice);
  const bool exhausted = !imported && imported.error().kind == ErrorKind::exhausted;
  failure_code = exhausted ? ExitCode::device : ExitCode::input;
  OCT_TRY_ASSIGN(source->imported_, std::move(imported));
  failure_code = ExitCode::usage;
  OCT_TRY(source->complete());
  return source;
}

/// What is added is the same at every moment: it was decided at the one that the user chose, or at 0.
Result<void> SceneSource::complete() {
  Scene& scene = imported_.scene;
  OCT_TRY_ASSIGN(animation_, find_animation(scene, choice_.animation));
  if (choice_.time_s != 0 && scene.animations.empty())
    imported_.warnings.push_back(fmt::format("{}: has no animations; --time changes nothing", scene.name));
  posed_ = pose(scene, {choice_.time_s, animation_});
  const SceneAdditions added = complete_scene(scene, *posed_, choice_.neutral_light);
  if (added.camera) imported_.notes.emplace_back("the scene has no camera: one that frames it was added");
  neutral_light_added_ = added.light;
  OCT_TRY_ASSIGN(camera_, find_camera(scene, choice_.camera));
  return {};
}

Result<LoadedScene> SceneSource::at(const SceneMoment& moment, ThreadPool& pool, ExitCode& failure_code) {
  if (compiled_) return *compiled_;
  const Scene& scene = imported_.scene;
  const bool is_posed = posed_ && moment.time_s == choice_.time_s;
  const PosedScene posed = is_posed ? *std::move(posed_) : pose(scene, {moment.time_s, animation_});
  posed_.reset();
  LoadedScene loaded;
  loaded.warnings = imported_.warnings;
  loaded.notes = imported_.notes;
  loaded.neutral_light_added = neutral_light_added_;
  if (posed.instances.empty())
    loaded.warnings.push_back(
        fmt::format("{}: shows no objects; the picture is the background alone", scene.name));

  CompileOptions options;
  options.camera = camera_;
  options.frame = moment.frame;
  const SceneCamera& camera = posed.cameras[camera_];
  loaded.camera_name = camera.name.empty() ? fmt::format("{}", camera_) : camera.name;
  choose_view(choice_, scene, camera, options);
  failure_code = ExitCode::input;
  OCT_TRY_ASSIGN(RenderData data, compile(posed, options, pool, &loaded.warnings));
  failure_code = ExitCode::usage;
  OCT_TRY(check_settings(data.settings.front()));

  if (last_) share_equal_arrays(data, *last_);
  loaded.summary = summary_of(scene.name, data);
  last_ = std::make_shared<const RenderData>(std::move(data));
  loaded.chunks = std::make_shared<const ChunkedScene>(last_, &pool);
  loaded.hash = hash(loaded.chunks->manifest());
  return loaded;
}

Result<LoadedScene> load_scene(const SceneChoice& choice, ThreadPool& pool, ExitCode& failure_code) {
  OCT_TRY_ASSIGN(const auto source, SceneSource::open(choice, pool, failure_code));
  return source->at({1, choice.time_s}, pool, failure_code);
}

}  // namespace oct
