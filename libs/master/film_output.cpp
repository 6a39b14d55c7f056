#include "master/film_output.hpp"

#include <algorithm>
#include <filesystem>

#include "base/file.hpp"
#include "base/output_target.hpp"
#include "master/checkpoint.hpp"

namespace oct {
namespace {

std::uint64_t samples_of_this_render(const std::string& path, const FilmSource& source,
                                     const RenderSettings& settings) {
  const auto kept = samples_kept(path, source, settings);
  return kept ? *kept : 0;
}

/// A name that holds nothing, or less of this same render; nothing when all are taken.
std::optional<std::string> free_rescue_path(const FrameEnding& ending, const Film& film) {
  constexpr int kMostNames = 100;
  for (int number = 1; number <= kMostNames; ++number) {
    const std::string path = rescue_path(ending.checkpoint, number);
    std::error_code error;
    // No link is followed: in a folder that all may write to, it is somebody else's.
    const auto kind = std::filesystem::symlink_status(path_from_utf8(path), error).type();
    if (kind == std::filesystem::file_type::not_found) return path;
    if (kind != std::filesystem::file_type::regular) continue;
    const std::uint64_t kept = samples_of_this_render(path, ending.source, film.settings());
    if (kept > 0 && kept < film.samples_merged()) return path;
  }
  return std::nullopt;
}

void keep_film(const Film& film, const FrameEnding& ending, FilmResult& result) {
  const auto write = [&](const std::string& path) {
    auto written = write_film_file(path, ending.source, film, ending.units.filled, ending.units.history);
    if (written) {
      result.film_file = path;
      result.film_error.reset();
    } else if (result.film_error) {
      result.film_error->message += "; " + written.error().message;
    } else {
      result.film_error = std::move(written.error());
    }
    return written.has_value();
  };
  if (write(ending.checkpoint)) return;
  if (const auto path = free_rescue_path(ending, film)) write(*path);
}

}  // namespace

PictureResult write_outputs(const Film& film, const ToneMap& tone_map,
                            const std::vector<PictureOutput>& outputs, const PictureMetadata& metadata) {
  PictureResult result;
  const FilmRows picture(film);
  result.almost_black = is_almost_black(picture, tone_map);
  for (const PictureOutput& output : outputs) {
    if (auto written = write_picture(picture, tone_map, output, metadata)) {
      result.written.push_back(output.path);
    } else {
      result.errors.push_back(std::move(written.error()));
    }
  }
  return result;
}

FilmResult end_frame_film(const Film& film, const FrameEnding& ending) {
  FilmResult result;
  result.film_hash = film.hash();
  result.non_finite_samples = film.non_finite_samples();
  const std::uint64_t kept = samples_of_this_render(ending.checkpoint, ending.source, film.settings());
  const auto keep = [&] {
    result.samples_kept = std::max(kept, film.samples_merged());
    if (kept >= film.samples_merged())
      result.film_file = ending.checkpoint;
    else
      keep_film(film, ending, result);
  };
  // Who ends a session gives us seconds, and a picture may wait for the reader of a FIFO: the film comes first.
  if (!ending.complete) keep();
  result.pictures = write_outputs(film, ending.tone_map, ending.outputs,
                                  picture_metadata(ending.source, film, result.film_hash));
  if (!ending.complete) return result;
  std::error_code ignored;
  if (!result.pictures.errors.empty())
    keep();
  else if (const auto target = find_output_target(ending.checkpoint); kept > 0 && target)
    std::filesystem::remove(target->path, ignored);
  return result;
}

}  // namespace oct
