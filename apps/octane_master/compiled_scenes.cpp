#include "octane_master/compiled_scenes.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>

#include "base/escaped.hpp"
#include "base/file.hpp"
#include "base/instant.hpp"
#include "base/json_text.hpp"
#include "master/compiled_scene.hpp"
#include "octane_master/commands.hpp"
#include "octane_master/failed.hpp"
#include "render_data/compiled_scene_file.hpp"
#include "report/lines.hpp"
#include "report/words.hpp"

// `octane_master compile`, and what `inspect` shows of a compiled scene.

namespace oct {
namespace {

void tell(Console& console, const Notice& notice) {
  const Phrase words = phrase(notice);
  if (words.level == LogLevel::warning)
    console.warning(words.text, words.help);
  else
    console.note(words.text);
}

void describe(Console& console, const LoadedScene& scene) {
  for (const std::string& warning : scene.warnings) tell(console, notice::InputWarning{warning});
  if (scene.neutral_light_added) tell(console, notice::NeutralLightAdded{});
  for (const std::string& note : scene.notes) tell(console, notice::InputNote{note});
  const RenderSettings& settings = scene.settings();
  console.wanted_line(scene_line(scene.summary));
  console.wanted_line(
      film_line({settings.width, settings.height, settings.samples_per_pixel, scene.camera_name}));
}

std::uint64_t size_of_file(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path_from_utf8(path), error);
  return error ? 0 : size;
}

/// Elements of the array of this name.
std::uint64_t count_of(const Manifest& manifest, std::string_view wanted) {
  std::uint64_t count = 0;
  std::size_t index = 0;
  const RenderData names;
  RenderData::each(names, [&](const char* name, const auto&) {
    if (name == wanted) count = manifest.arrays[index].count;
    ++index;
  });
  return count;
}

}  // namespace

ExitCode compile_scene(Console& console, const MasterCommand& command) {
  if (auto writable = check_writable(command.file); !writable)
    return failed(console, writable.error(), ExitCode::output);
  const Instant started = steady_now();
  ThreadPool pool(command.render.devices.threads);
  ExitCode code = ExitCode::input;
  auto scene = load_scene(command.job.scene, pool, code);
  if (!scene) return failed(console, scene.error(), code);
  scene->summary.seconds = to_seconds(steady_now() - started);
  describe(console, *scene);
  if (auto saved = save_compiled_scene(command.file, *scene, pool); !saved)
    return failed(console, saved.error(), ExitCode::output);
  console.wanted_line(escaped(
      fmt::format("{:<11}{} ({})", "Compiled", command.file, megabytes_text(size_of_file(command.file)))));
  return ExitCode::done;
}

ExitCode inspect_compiled_scene(Console& console, const std::string& path, bool json) {
  const auto head = read_compiled_scene_head(path);
  if (!head) return failed(console, head.error(), ExitCode::input);
  nlohmann::ordered_json object{{"schema", "octane.compiled_scene/1"},
                                {"version", head->header.program_version},
                                {"scene", head->header.scene_name},
                                {"camera", head->header.camera_name},
                                {"triangles", count_of(head->manifest, "triangles")},
                                {"objects", count_of(head->manifest, "instances")},
                                {"materials", count_of(head->manifest, "materials")},
                                {"textures", count_of(head->manifest, "texture_images")},
                                {"render_data_bytes", byte_size(head->manifest)},
                                {"file_bytes", size_of_file(path)},
                                {"render_data_hash", hash(head->manifest).short_text()}};
  if (json) {
    console.wanted_line(json_text(object));
    return ExitCode::done;
  }
  object.erase("schema");
  for (const auto& [key, value] : object.items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    console.wanted_line(escaped(fmt::format("{:<20} {}", key, text)));
  }
  return ExitCode::done;
}

}  // namespace oct
