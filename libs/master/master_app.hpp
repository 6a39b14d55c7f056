#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/exit_code.hpp"
#include "computer/stay_awake.hpp"
#include "master/frame_loader.hpp"
#include "master/frame_queue.hpp"
#include "master/frame_run.hpp"
#include "master/frame_task.hpp"
#include "master/master_config.hpp"
#include "master/session.hpp"
#include "report/render_report.hpp"

namespace oct {

/// Renders what a user asked for, a still or the frames of many scenes, from the command line's values to files and exit
/// code: checks what can be checked, has each frame made ready while the one before is rendered (FrameQueue, FrameLoader),
/// renders them in one session (FrameRun), and tells how it ended. One loop thread; loading, devices, films and packing have
/// threads of their own.
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
  // Before the loop.
  Result<void> name_files();
  Result<void> open_report();
  Result<void> check_command();
  Result<void> check_jobs();
  Result<void> open_session();
  ExitCode code_of_checking(ErrorKind kind) const;

  // Loading.
  void start();
  void load_next();
  void on_loaded(std::size_t index, FrameOffer&& offer);
  void take(std::size_t index, LoadedFrame&& frame);
  void take(std::size_t index, SkippedFrame&& frame);
  void take(std::size_t index, UnloadableFrame&& frame);
  void render_one_at_a_time(std::size_t job);
  void describe(const LoadedScene& scene, std::size_t job);

  // Rendering.
  void on_tick();
  void look_at_oldest(Instant now);
  void on_signal(int signal);
  [[noreturn]] void end_at_once(int signal);
  [[noreturn]] void end_with_hung_device();
  FrameRun* oldest();
  std::optional<Activity> activity_beside_rendering() const;

  // Ending.
  void on_frame_ended(const FrameEnded& ended);
  void on_frame_done(FrameRun& run, const FrameRun::Ending& ending);
  void frame_is_over(std::size_t index);
  void stop();
  bool no_device_is_left() const;
  void go_on_soon();
  void go_on();
  void finish();
  void take_outcome();
  void fail(const Error& error, ExitCode code);
  void fail_rest(const Error& error);
  void close();
  void tell_how_it_ended();
  bool fail_if_output_is_lost();
  void write_report();
  std::uint32_t frames_done() const;
  bool is_single() const { return tasks_.size() == 1; }

  MasterConfig config_;
  std::vector<FrameTask> tasks_;
  const bool has_frames_;
  EventLoop loop_;
  std::unique_ptr<RenderReport> report_;
  std::unique_ptr<StayAwake> awake_;  ///< while it renders and writes
  RenderOutcome outcome_;
  FrameQueue queue_{0};
  int signal_ = 0;
  bool stopping_ = false;        ///< what is under way is kept, and nothing else is begun
  std::size_t frames_told_ = 0;  ///< of which people know how they ended
  bool closing_ = false;

  std::set<std::pair<std::size_t, std::string>> told_;  ///< warnings and notes of each job's scene
  std::set<std::string> told_by_watchers_;
  std::set<std::size_t> described_;  ///< jobs
  std::set<std::size_t> over_;       ///< frames whose outcome is known
  std::map<std::size_t, Instant> over_since_;
  const Instant program_started_ = steady_now();
  std::size_t loading_ = 0;  ///< the frame that is being loaded, or was last
  Instant load_started_{};
  std::optional<Instant> render_started_;  ///< the session has begun
  std::optional<Error> session_error_;     ///< no frame can be rendered any more
  bool session_ended_ = false;
  bool told_of_no_more_frames_ = false;
  std::string error_told_;  ///< the last one
  /// A signal came: the films' threads keep the films before they go on with pictures.
  const std::shared_ptr<std::atomic<bool>> is_urgent_ = std::make_shared<std::atomic<bool>>(false);

  std::unique_ptr<Timer> tick_;  ///< says what is done
  std::unique_ptr<Timer> linger_;

  // What has threads comes last, so that it ends first.
  std::unique_ptr<WorkQueue> workers_;
  SessionConfig session_config_;
  std::unique_ptr<Session> session_;
  std::vector<std::unique_ptr<FrameRun>>
      runs_;                                   ///< in order; those that are over go when nobody looks at them
  std::unique_ptr<FrameLoader> frame_loader_;  ///< the loader's thread alone uses it
  std::unique_ptr<WorkQueue> loader_;
};

}  // namespace oct
