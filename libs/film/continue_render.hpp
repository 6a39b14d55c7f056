#pragma once
#include <string>

#include "film/film_file.hpp"

namespace oct {

/// How the render that is asked for now goes on with the film of the file at `path`: its settings (those
/// asked for, with the ends of passes that the film needs), and the units that it need not render again.
/// `incompatible` (ExitCode::checkpoint) where the film is of another render, which the message says and how:
/// "out.octcheck is of another render: seed 3, now 4". More samples are no difference, fewer are.
Result<ContinuedFilm> continue_render(const std::string& path, const FilmFileHeader& held,
                                      const FilmSource& now, const RenderSettings& settings_now);

}  // namespace oct
