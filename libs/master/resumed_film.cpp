#include "master/resumed_film.hpp"

#include <utility>

#include "base/file.hpp"
#include "base/plain_file.hpp"
#include "film/continue_render.hpp"
#include "wire/kernel_hash.hpp"

namespace oct {

FilmSource film_source_of(const LoadedScene& scene, double frames_per_second) {
  return {scene.summary.name, hash_without_settings(scene.chunks->manifest()), kernel_hash(),
          scene.data()->cameras.front(), frames_per_second};
}

Result<std::optional<ResumedFilm>> resume_film(const std::string& path, LoadedScene& scene,
                                               ThreadPool& pool) {
  OCT_TRY_ASSIGN(const bool there, is_there(path_from_utf8(path)));
  if (!there) return std::optional<ResumedFilm>();
  auto read = read_film_file(path);
  if (!read) {
    if (read.error().help.empty())
      read.error().help = "remove it, or --checkpoint FILE with another name: the render begins anew";
    return fail(std::move(read.error()));
  }
  LoadedFilmFile file = *std::move(read);
  OCT_TRY_ASSIGN(ContinuedFilm continued,
                 continue_render(path, file.header, film_source_of(scene), scene.settings()));
  auto data = std::make_shared<const RenderData>(
      with_camera_and_settings(*scene.data(), scene.data()->cameras.front(), continued.settings));
  scene.chunks = std::make_shared<const ChunkedScene>(std::move(data), &pool);
  scene.hash = hash(scene.chunks->manifest());
  file.film.continue_with(continued.settings);
  return std::optional(
      ResumedFilm{std::move(file.film), std::move(continued.units), std::move(continued.history)});
}

}  // namespace oct
