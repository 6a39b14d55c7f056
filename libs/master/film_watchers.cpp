#include "master/film_watchers.hpp"

#include <fmt/format.h>

namespace oct {

FilmWatchers::FilmWatchers(EventLoop& loop, const FilmWatchChoice& choice, const ToneMap& tone_map,
                           std::function<void(const std::string&, const std::string&)> on_warning) {
  if (!choice.preview.empty()) {
    const auto interval =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(choice.preview_seconds));
    preview_ = std::make_unique<Preview>(
        loop, PreviewChoice{choice.preview, interval, tone_map}, [on_warning](const Error& error) {
          on_warning("the preview cannot be written: " + error.message,
                     "the render goes on, and tries it again at the next interval");
        });
  }
  if (choice.display_server) {
    DisplayChoice display;
    display.address = *choice.display_server;
    display_ = std::make_unique<DisplayServer>(loop, display, [on_warning](const Error& error) {
      on_warning("no display server: " + error.message, "start tev; it is looked for every 5 s");
    });
  }
}

void FilmWatchers::start(FilmWorker& film, const RenderSettings& settings, const std::string& scene_name,
                         Instant now) {
  if (preview_) {
    preview_->start(film,
                    {{"octane/scene", scene_name},
                     {"octane/frame", fmt::format("{}", settings.frame)},
                     {"octane/preview", "1"}},
                    now);
  }
  if (display_)
    display_->start(film, fmt::format("{} frame {}", scene_name, settings.frame), settings.width,
                    settings.height, now);
}

void FilmWatchers::on_tick(Instant now, std::uint64_t samples_merged) {
  if (preview_) preview_->on_tick(now, samples_merged);
  if (display_) display_->on_tick(now, samples_merged);
}

void FilmWatchers::finish(std::uint64_t samples_merged) {
  if (preview_) preview_->finish(samples_merged);
  if (display_) display_->finish(samples_merged);
}

}  // namespace oct
