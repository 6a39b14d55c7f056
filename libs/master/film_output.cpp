#include "master/film_output.hpp"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <utility>

#include "base/file.hpp"
#include "base/output_target.hpp"
#include "base/thread_pool.hpp"
#include "film/exposure.hpp"
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

/// Keeps the film of a frame that has ended in a file, once.
class FilmKeeper {
 public:
  FilmKeeper(const Film& film, const FrameEnding& ending)
      : film_(film),
        ending_(ending),
        samples_before_(samples_of_this_render(ending.checkpoint, ending.source, film.settings())) {}

  void keep();
  /// Where nothing is missing: removes what was kept, now or before.
  void remove();
  void tell(FilmResult& result) const;
  /// Whether the film is in a file.
  bool is_kept() const { return !path_.empty(); }

 private:
  bool write(const std::string& path);

  const Film& film_;
  const FrameEnding& ending_;
  const std::uint64_t samples_before_;  ///< in the checkpoint
  bool tried_ = false;
  std::string path_;            ///< the film is there
  std::string written_;         ///< by keep()
  std::optional<Error> error_;  ///< of all places
};

void FilmKeeper::keep() {
  if (std::exchange(tried_, true)) return;
  if (!ending_.is_checkpoint_outdated && samples_before_ >= film_.samples_merged()) {
    path_ = ending_.checkpoint;
    return;
  }
  if (write(ending_.checkpoint)) return;
  if (const auto path = free_rescue_path(ending_, film_)) write(*path);
}

bool FilmKeeper::write(const std::string& path) {
  auto written = write_film_file(path, ending_.source, film_, ending_.units.filled, ending_.units.history);
  if (written) {
    path_ = written_ = path;
    error_.reset();
  } else if (error_) {
    error_->message += "; " + written.error().message;
  } else {
    error_ = std::move(written.error());
  }
  return written.has_value();
}

void remove_film_file(const std::string& path) {
  std::error_code ignored;
  if (const auto target = find_output_target(path)) std::filesystem::remove(target->path, ignored);
}

void FilmKeeper::remove() {
  const auto is_used_up = [&](std::uint64_t samples) {
    return samples > 0 && samples <= film_.samples_merged();
  };
  if (is_used_up(samples_before_)) remove_film_file(ending_.checkpoint);
  if (!written_.empty()) remove_film_file(written_);
  const std::string& older = ending_.older_checkpoint;
  if (!older.empty() && is_used_up(samples_of_this_render(older, ending_.source, film_.settings())))
    remove_film_file(older);
}

void FilmKeeper::tell(FilmResult& result) const {
  result.film_file = path_;
  result.samples_kept = ending_.is_checkpoint_outdated ? film_.samples_merged()
                                                       : std::max(samples_before_, film_.samples_merged());
  result.film_error = error_;
}

/// Whether writing it may take until somebody reads: all streams but devices such as /dev/null.
bool may_wait_for_reader(const PictureOutput& output) {
  const auto target = find_output_target(output.path);
  if (!target || target->kind != OutputTarget::Kind::stream) return false;
#if defined(_WIN32)
  return true;  // to ask what a pipe is opens it
#else
  std::error_code error;
  return std::filesystem::status(target->path, error).type() != std::filesystem::file_type::character;
#endif
}

/// The film's rows; before each strip it looks whether the film must be kept.
class WatchfulRows : public FilmRows {
 public:
  WatchfulRows(const Film& film, std::function<void()> look) : FilmRows(film), look_(std::move(look)) {}
  Image rows(std::uint32_t y0, std::uint32_t y1) const override {
    {
      const std::lock_guard lock(looking_);  // several threads write one picture
      look_();
    }
    return FilmRows::rows(y0, y1);
  }

 private:
  mutable std::mutex looking_;
  std::function<void()> look_;
};

}  // namespace

PictureResult write_outputs(const PictureRows& picture, const ToneMap& wanted,
                            const std::vector<PictureOutput>& outputs, const PictureMetadata& metadata,
                            unsigned threads) {
  PictureResult result;
  ThreadPool pool(threads);
  const ToneMap tone_map = settled(wanted, picture);
  result.exposure = tone_map.exposure;
  result.almost_black = is_almost_black(picture, tone_map, &pool);
  result.almost_white = !result.almost_black && is_almost_white(picture, tone_map, &pool);
  if (result.almost_black || result.almost_white) {
    const float better = auto_exposure(picture);
    // of black with a few bright spots, or nothing at all, none shows more
    if (result.almost_white || better > result.exposure) result.better_exposure = better;
  }
  for (const PictureOutput& output : outputs) {
    if (auto written =
            write_picture(picture, tone_map, output, with_display(metadata, output.format, wanted), &pool)) {
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
  FilmKeeper keeper(film, ending);
  // Who ends a session gives us seconds, and a picture may wait for the reader of a FIFO: the film comes first.
  if (!ending.complete || std::any_of(ending.outputs.begin(), ending.outputs.end(), may_wait_for_reader))
    keeper.keep();
  const WatchfulRows picture(film, [&] {
    if (ending.is_urgent && ending.is_urgent()) keeper.keep();
  });
  const bool names_wait = !ending.complete && ending.only_complete_pictures && keeper.is_kept();
  result.pictures =
      write_outputs(picture, ending.tone_map, names_wait ? std::vector<PictureOutput>() : ending.outputs,
                    with_rule(picture_metadata(ending.source, film, result.film_hash), ending.until,
                              film.settings().samples_per_pixel),
                    ending.threads);
  if (ending.complete && result.pictures.errors.empty()) {
    keeper.remove();
  } else {
    keeper.keep();
    keeper.tell(result);
  }
  return result;
}

}  // namespace oct
