#pragma once
#include <functional>
#include <memory>
#include <string>

#include "master/display_server.hpp"
#include "master/master_config.hpp"
#include "master/preview.hpp"

namespace oct {

/// Whoever looks at a film before it is done: --preview and --display-server. Lives on the loop's thread; the
/// film that it watches must outlive it.
class FilmWatchers {
 public:
  /// `on_warning` gets a text and what would help, once for each watcher that does not work.
  FilmWatchers(EventLoop& loop, const FilmWatchChoice& choice, const ToneMap& tone_map,
               std::function<void(const std::string&, const std::string&)> on_warning);

  void start(FilmWorker& film, const RenderSettings& settings, const std::string& scene_name, Instant now);
  /// Often, at least every 100 ms.
  void on_tick(Instant now, std::uint64_t samples_merged);
  /// After the last merge, before the pictures are written.
  void finish(std::uint64_t samples_merged);
  /// Whether nothing is on its way any more.
  bool idle() const { return (!preview_ || preview_->idle()) && (!display_ || display_->idle()); }

 private:
  std::unique_ptr<Preview> preview_;
  std::unique_ptr<DisplayServer> display_;
};

}  // namespace oct
