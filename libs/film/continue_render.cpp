#include "film/continue_render.hpp"

#include <fmt/format.h>

namespace oct {

Result<ContinuedFilm> continue_render(const std::string& path, const FilmFileHeader& held,
                                      const FilmSource& now, const RenderSettings& settings_now) {
  const auto other = [&](const std::string& difference, std::string help) {
    return fail(ErrorKind::incompatible, fmt::format("{} is of another render: {}", path, difference),
                std::move(help));
  };
  if (const auto difference = render_difference(held.source, held.settings, now, settings_now))
    return other(*difference, "--checkpoint FILE with another name begins anew and keeps this one");
  auto film = continued(held.settings, held.units, settings_now.samples_per_pixel, held.history);
  if (film) return film;
  if (settings_now.samples_per_pixel < held.settings.samples_per_pixel)
    return other(film.error().message, film.error().help);
  return fail(ErrorKind::incompatible, fmt::format("{}: {}", path, film.error().message), film.error().help);
}

}  // namespace oct
