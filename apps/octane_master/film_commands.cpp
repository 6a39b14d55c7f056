#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/escaped.hpp"
#include "base/figure.hpp"
#include "base/file.hpp"
#include "base/json_text.hpp"
#include "film/exposure.hpp"
#include "film/film_file.hpp"
#include "master/film_output.hpp"
#include "octane_master/commands.hpp"
#include "octane_master/compiled_scenes.hpp"
#include "octane_master/failed.hpp"
#include "octane_master/inspect_scene.hpp"
#include "render_data/compiled_scene_file.hpp"

// `octane_master resolve` and `inspect`: what can be seen of files without rendering.

namespace oct {
namespace {

/// "61 % of 500 spp"; 100 % only when nothing is missing.
std::string progress_text(const FilmFileHeader& header) {
  return fmt::format("{} % of {} spp", whole_percent(header.samples_merged(), header.samples_wanted()),
                     header.settings.samples_per_pixel);
}

ExitCode code_of_reading(const Error& error) {
  return error.kind == ErrorKind::exhausted ? ExitCode::device : ExitCode::input;
}

/// By its first bytes, or by its name where these are damaged.
bool looks_like_film_file(const std::string& path) {
  if (file_extension(path) == ".octcheck") return true;
  const FilePtr file = open_for_reading(path_from_utf8(path));
  Bytes start(8);
  return file && std::fread(start.data(), 1, start.size(), file.get()) == start.size() && is_film_file(start);
}

nlohmann::ordered_json film_file_json(const FilmFileHeader& header) {
  const RenderSettings& settings = header.settings;
  return {{"schema", "octane.film/1"},
          {"version", header.program_version},
          {"scene", header.source.scene_name},
          {"frame", settings.frame},
          {"width", settings.width},
          {"height", settings.height},
          {"samples_per_pixel", settings.samples_per_pixel},
          {"samples_wanted", header.samples_wanted()},
          {"samples_merged", header.samples_merged()},
          {"non_finite_samples", header.non_finite_samples},
          {"sources", header.history.sources.size()},
          {"audits_pending", header.history.audits.size()},
          {"seed", settings.seed},
          {"max_depth", settings.max_depth},
          {"frames_per_second", header.source.frames_per_second},
          {"film_hash", header.film_hash.short_text()},
          {"render_key", header.render_key().short_text()}};
}

std::vector<std::pair<std::string, std::string>> film_file_texts(const FilmFileHeader& header) {
  const RenderSettings& settings = header.settings;
  return {{"size", fmt::format("{}x{}", settings.width, settings.height)},
          {"film", progress_text(header)},
          {"octane/version", fmt::format("{}", header.program_version)},
          {"octane/scene", header.source.scene_name},
          {"octane/frame", fmt::format("{}", settings.frame)},
          {"octane/seed", fmt::format("{}", settings.seed)},
          {"octane/filmHash", header.film_hash.short_text()},
          {"octane/renderKey", header.render_key().short_text()},
          {"sources", fmt::format("{}", header.history.sources.size())},
          {"audits pending", fmt::format("{}", header.history.audits.size())}};
}

void show(Console& console, const std::vector<std::pair<std::string, std::string>>& texts) {
  for (const auto& [key, value] : texts) console.wanted_line(escaped(fmt::format("{:<20} {}", key, value)));
}

ExitCode inspect_film_file(Console& console, const std::string& path, bool json) {
  const auto header = read_film_file_header(path);
  if (!header) return failed(console, header.error(), ExitCode::input);
  if (json)
    console.wanted_line(json_text(film_file_json(*header)));
  else
    show(console, film_file_texts(*header));
  return ExitCode::done;
}

}  // namespace

ExitCode inspect_file(Console& console, const MasterCommand& command) {
  const std::string& path = command.file;
  const bool json = command.json;
  if (looks_like_film_file(path)) return inspect_film_file(console, path, json);
  if (is_compiled_scene_file(path)) return inspect_compiled_scene(console, path, json);
  if (is_scene_name(path)) return inspect_scene(console, path, command.job.scene.import_options, json);
  const auto texts = inspect_picture(path);
  if (!texts) return failed(console, texts.error(), ExitCode::input);
  if (!json) {
    show(console, *texts);
    return ExitCode::done;
  }
  nlohmann::ordered_json object{{"schema", "octane.picture/1"}};
  for (const auto& [key, value] : *texts) object[key] = value;
  console.wanted_line(json_text(object));
  return ExitCode::done;
}

ExitCode resolve_film(Console& console, const MasterCommand& command) {
  const RenderJob& job = command.job;
  const auto loaded = read_film_file(command.file);
  if (!loaded) return failed(console, loaded.error(), code_of_reading(loaded.error()));
  if (auto writable = check_outputs(job.outputs); !writable)
    return failed(console, writable.error(), exit_code_of(writable.error().kind));
  const FilmFileHeader& header = loaded->header;
  console.wanted_line(fmt::format("{:<11}{}", "Film", progress_text(header)));
  const PictureResult result = write_outputs(FilmRows(loaded->film), job.tone_map, job.outputs,
                                             picture_metadata(header.source, loaded->film, header.film_hash));
  for (const std::string& path : result.written)
    console.wanted_line(escaped(fmt::format("{:<11}{}", "Picture", path)));
  console.wanted_line(fmt::format("{:<11}{}", "Film hash", header.film_hash.short_text()));
  const std::string better = result.better_exposure ? exposure_text(*result.better_exposure) : "";
  if (job.tone_map.auto_exposure)
    console.wanted_line(fmt::format("{:<11}{}", "Exposure", exposure_text(result.exposure)));
  if (result.almost_black)
    console.warning("the picture is almost black",
                    better.empty() ? "" : fmt::format("--imager-exposure {} brightens it", better));
  if (result.almost_white)
    console.warning("the picture is almost white", fmt::format("--imager-exposure {} darkens it", better));
  for (const Error& error : result.errors) console.error(error.message, error.help);
  return result.errors.empty() ? ExitCode::done : ExitCode::output;
}

}  // namespace oct
