#pragma once
#include <optional>
#include <string>

#include "film/film_file.hpp"
#include "master/scene_loader.hpp"

namespace oct {

/// A film that a render goes on with, and the units that it need not render again.
struct ResumedFilm {
  Film film;
  UnitBits units;
  FilmHistory history;  ///< who filled them
};

/// What the film of this scene is a picture of. `frames_per_second` stands in the headers of its pictures.
FilmSource film_source_of(const LoadedScene& scene, double frames_per_second = kDefaultFramesPerSecond);

/// Reads the film file of an interrupted render of this scene, and cuts the scene's passes where that film needs it;
/// nothing when there is no such file. A worker's job.
///   incompatible   it is of another render (ExitCode::checkpoint), and how
///   invalid_input  it is damaged, or not a film file
Result<std::optional<ResumedFilm>> resume_film(const std::string& path, LoadedScene& scene, ThreadPool& pool);

}  // namespace oct
