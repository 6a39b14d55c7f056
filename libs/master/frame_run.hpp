#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/exit_code.hpp"
#include "master/checkpoint.hpp"
#include "master/film_output.hpp"
#include "master/film_watchers.hpp"
#include "master/frame_loader.hpp"
#include "master/session.hpp"
#include "report/render_report.hpp"

namespace oct {

/// One frame of a run from its first sample to its pictures: its film, which it keeps in a file, those who look at it, and what
/// is told of it. The loop's thread only; the film has one of its own.
class FrameRun {
 public:
  /// What it needs of the run. All outlive it.
  struct Run {
    EventLoop& loop;
    const MasterConfig& config;
    RenderReport& report;
    Session& session;
    /// A signal came: the film's thread keeps films before it goes on with pictures.
    std::shared_ptr<std::atomic<bool>> is_urgent;
    std::uint32_t frames_total = 1;
    std::set<std::string>& told;  ///< of those who look at films: once in a run
  };
  /// What became of it.
  struct Ending {
    FrameOutcome outcome;
    ExitCode code = ExitCode::done;  ///< of a run that has no other frame
    std::optional<StopReason> stop_reason;
  };

  /// `index`: its place in the run, from 0.
  FrameRun(const Run& run, const FrameTask& task, std::size_t index, LoadedFrame&& loaded);
  FrameRun(const FrameRun&) = delete;
  FrameRun& operator=(const FrameRun&) = delete;

  /// Hands it to the session, behind those that are there.
  void begin(Instant now);
  /// It is the oldest of those that are rendered: people look at it.
  void become_current(std::uint32_t frames_done, Instant now);

  std::size_t index() const { return index_; }
  FrameId id() const { return id_; }
  std::int32_t number() const { return task_.number; }
  bool is_rendering() const { return id_ != kNoFrame && !last_status_; }
  /// Nothing of it is missing, though its pictures may be.
  bool is_complete() const { return last_status_ && ending_.outcome.state == FrameState::done; }
  const std::vector<PictureOutput>& outputs() const { return task_.outputs; }

  /// Several times a second.
  void on_tick(Instant now);
  /// Where it stands, or stood when it ended.
  RenderStatus status() const;

  /// The session has ended it. Its pictures are written, then `on_done` is called, once, maybe at once.
  void on_frame_ended(const FrameEnded& ended, int signal, std::function<void(Ending)> on_done);
  /// Whether nobody looks at the film any more, so that this may go.
  bool is_idle() const { return !watchers_ || watchers_->idle(); }

 private:
  const RenderJob& job() const { return run_.config.jobs[task_.job]; }
  void tell_what_is_there(const LoadedFrame& loaded);
  void take_ending(const FrameEnded& ended, int signal);
  void take_samples(const FrameEnded& ended);
  void end_film(const FrameEnded& ended);
  void on_written(FilmResult result);
  void tell_of_exposure(const PictureResult& pictures);
  void tell_of_film_file(const FilmResult& result);
  std::string output_to_resolve(const FilmResult& result) const;
  std::optional<std::uint64_t> samples_if_a_rule_ends_them(std::uint64_t samples) const;

  const Run run_;
  const FrameTask task_;
  const std::size_t index_;
  const RenderSettings settings_;
  const std::string scene_name_;
  const FilmSource source_;
  SessionFrame frame_;  ///< until it begins
  std::uint64_t samples_kept_ = 0;
  bool is_resumed_ = false;
  FrameId id_ = kNoFrame;
  Instant begun_{};
  std::uint32_t frames_done_ = 0;  ///< when it became the current one
  std::optional<Instant> current_since_;
  std::optional<RenderStatus> last_status_;  ///< when it ended
  Ending ending_;
  std::function<void(Ending)> on_done_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< what the loop is told later looks at it

  std::shared_ptr<FilmWorker> film_;
  std::unique_ptr<Checkpoint> checkpoint_;
  std::unique_ptr<FilmWatchers> watchers_;  ///< behind film_: ends before it
};

}  // namespace oct
