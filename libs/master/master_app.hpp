#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "base/exit_code.hpp"
#include "computer/stay_awake.hpp"
#include "master/checkpoint.hpp"
#include "master/film_output.hpp"
#include "master/film_watchers.hpp"
#include "master/frame_loader.hpp"
#include "master/master_config.hpp"
#include "master/session.hpp"
#include "report/render_report.hpp"

namespace oct {

/// Renders one picture as a user asked for it, from the command line's values to files and exit code: checks what can
/// be checked, loads the scene, renders it in a session, writes what came of it. One loop thread; loading, devices,
/// film and packing have threads of their own.
class MasterApp {
 public:
  explicit MasterApp(MasterConfig config);
  ~MasterApp();
  MasterApp(const MasterApp&) = delete;
  MasterApp& operator=(const MasterApp&) = delete;

  ExitCode run();

  /// The signal that stopped it, 0 = none: the program should end by it.
  int signal() const { return signal_; }

 private:
  enum class Phase { loading, rendering, writing, closing };

  // Before the loop.
  Result<void> open_report();
  Result<void> check_command();
  Result<void> open_session();

  // Loading.
  void start_loading();
  void on_loaded(Result<LoadedFrame> loaded, ExitCode failure_code);
  void describe_scene();
  Result<void> start_frame(LoadedFrame&& loaded);
  void start_watchers(std::uint64_t samples_kept, bool is_resumed);

  // Rendering.
  void on_tick();
  void on_signal(int signal);
  [[noreturn]] void end_at_once(int signal);
  [[noreturn]] void end_with_hung_device();
  RenderStatus status() const;
  std::optional<Activity> activity_beside_rendering() const;

  // Ending.
  void on_frame_ended(const FrameEnded& ended);
  void end_film(const FrameEnded& ended);
  void on_written(FilmResult result);
  void tell_of_exposure(const PictureResult& pictures);
  void tell_of_film_file(const FilmResult& result);
  void finish();
  void take_outcome();
  void fail(const Error& error, ExitCode code);
  void close();
  void tell_how_it_ended();
  bool fail_if_output_is_lost();
  void write_report();
  FrameOutcome& frame() { return outcome_.frames.front(); }

  MasterConfig config_;
  EventLoop loop_;
  std::unique_ptr<RenderReport> report_;
  std::unique_ptr<StayAwake> awake_;  ///< while it renders and writes
  RenderOutcome outcome_;
  Phase phase_ = Phase::loading;
  int signal_ = 0;

  std::optional<LoadedScene> scene_;
  const Instant program_started_ = steady_now();
  Instant load_started_{};
  Instant render_started_{};
  FilmSource source_;
  FrameId frame_id_ = kNoFrame;
  RenderStatus last_status_;  ///< of the frame, when it ended
  bool session_ended_ = false, written_ = false;
  std::string error_told_;  ///< the last one
  /// A signal came: the film's thread keeps the film before it goes on with pictures.
  const std::shared_ptr<std::atomic<bool>> is_urgent_ = std::make_shared<std::atomic<bool>>(false);

  std::shared_ptr<FilmWorker> film_;
  std::unique_ptr<Checkpoint> checkpoint_;
  std::unique_ptr<FilmWatchers> watchers_;  ///< behind film_: ends before it
  std::unique_ptr<Timer> tick_;             ///< says what is done
  std::unique_ptr<Timer> linger_;

  // What has threads comes last, so that it ends first.
  std::unique_ptr<WorkQueue> workers_;
  SessionConfig session_config_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<WorkQueue> loader_;
};

}  // namespace oct
