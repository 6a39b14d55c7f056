#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/instant.hpp"
#include "film/film_file.hpp"
#include "master/film_worker.hpp"
#include "master/ledger.hpp"
#include "master/master_config.hpp"
#include "net/event_loop.hpp"

namespace oct {

/// Where the checkpoint of a render lies: where the user says, else beside its first output that is a file
/// ("out/shot.octcheck" of "out/shot.exr"), else under the scene's name in the current folder.
std::string checkpoint_path(const CheckpointChoice& choice, const std::vector<PictureOutput>& outputs,
                            const std::string& scene_path);

/// The same name in the folder for temporary files, for when nothing can be written where it should be. From the
/// second on with the number: "shot-2.octcheck".
std::string rescue_path(const std::string& checkpoint, int number);

/// What a film file holds of this render already: samples, 0 where it is of another one or not there. Output error
/// when the name is taken by what is no film file, which must not be replaced.
Result<std::uint64_t> samples_kept(const std::string& path, const FilmSource& source,
                                   const RenderSettings& settings);

/// When checkpoints are written, and that none replaces a film of the same render that is further. Pure.
class CheckpointSchedule {
 public:
  /// `kept`: samples of this render that the file holds.
  CheckpointSchedule(Duration interval, std::uint64_t kept, Instant start)
      : interval_(interval), due_(start + interval), kept_(kept) {}

  /// Whether to begin one now, which then is under way.
  bool begin(Instant now, std::uint64_t samples_merged);
  /// The same whatever the time, at the end.
  bool begin_last(std::uint64_t samples_merged);
  /// It was written, or could not be: then the next one is tried after the interval.
  void ended(bool written, std::uint64_t samples, Instant now);
  /// The file, or what is being written, holds samples that proved to be wrong: the next one comes at once, and may hold
  /// fewer.
  void outdated(Instant now);
  /// Samples that the file holds.
  std::uint64_t kept() const { return kept_; }

 private:
  Duration interval_;
  Instant due_;
  std::uint64_t kept_;
  bool under_way_ = false;
  bool is_outdated_ = false;            ///< the file
  bool is_outdated_under_way_ = false;  ///< what is being written
};

/// Keeps the film of a render in a file while it grows. Writing is done by the film's own thread, in order with
/// merges, so that film and units agree. The loop's thread only.
class Checkpoint {
 public:
  /// `on_failed` is called at the first one that cannot be written, and again once one could be in between.
  Checkpoint(EventLoop& loop, std::string path, Duration interval, FilmSource source,
             std::function<void(const Error&)> on_failed);
  ~Checkpoint();

  const std::string& path() const { return path_; }

  ///   is_own  what is kept is what this run goes on with, and not one that it has not asked for
  void start(std::shared_ptr<FilmWorker> film, std::uint64_t kept, bool is_own, Instant now);
  /// Whether the file is of this run, or of that which it goes on with.
  bool is_own() const { return is_own_; }
  /// `units` gives those of this moment; it is called only when they are wanted.
  void on_tick(Instant now, const Ledger& ledger, const std::function<FilmUnits()>& units);

 private:
  void on_written(const Result<void>& written, std::uint64_t samples);

  EventLoop& loop_;
  const std::string path_;
  const Duration interval_;
  const FilmSource source_;
  const std::function<void(const Error&)> on_failed_;
  bool failed_ = false;
  bool is_own_ = false;
  std::uint64_t tiles_cleared_ = 0;
  std::optional<CheckpointSchedule> schedule_;
  std::shared_ptr<FilmWorker> film_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace oct
