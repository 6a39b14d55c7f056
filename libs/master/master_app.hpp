#pragma once
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/exit_code.hpp"
#include "master/daemon_keeper.hpp"
#include "master/film_watchers.hpp"
#include "master/film_worker.hpp"
#include "master/master_config.hpp"
#include "master/master_core.hpp"
#include "master/scene_loader.hpp"
#include "master/slave_server.hpp"
#include "master/watch.hpp"
#include "render/render_worker.hpp"

namespace oct {

/// Renders one picture as a user asked for it, from the command line's values to files and exit code. The
/// shell of MasterCore: it brings events in and carries actions out, on one loop thread; devices, film, scene
/// loading and packing have threads of their own.
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

  static constexpr std::uint64_t kSceneUpload = 1;  ///< of every device

  // Before the loop.
  std::optional<ExitCode> check_command();
  Result<void> check_outputs();
  ExitCode fail_early(const Error& error, ExitCode code);

  // Loading.
  void start_loading();
  void on_loaded(Result<LoadedScene> loaded, ExitCode failure_code);
  void describe_scene();
  Result<void> start_devices();
  void start_core();

  // Rendering.
  void feed(MasterEvent event);
  void on_device_event(std::uint32_t local, RenderEvent event);
  void on_reference_event(RenderEvent event);
  void start_reference(RenderReference& action);
  RenderWorker* reference_worker();
  void carry_out(MasterAction& action);
  void on_tick();
  void on_signal(int signal);
  ProgressView view() const;

  // Daemons.
  Result<void> open_keeper();
  void describe_network(bool at_once = false);
  void on_robbed(const DaemonRobbed& robbed);
  void remind_of_slaves(Instant now);

  // Ending.
  void on_ended(RenderEnded& ended);
  void write_pictures();
  void on_written(PictureResult result, Digest film_hash, std::uint64_t non_finite);
  void summarize();
  void write_report();
  void fail(const Error& error, ExitCode code);
  void close();

  MasterConfig config_;
  EventLoop loop_;
  std::unique_ptr<Watch> watch_;
  RenderOutcome outcome_;
  Phase phase_ = Phase::loading;
  int signal_ = 0;
  DevicePlan plan_;

  std::optional<LoadedScene> scene_;
  Instant load_started_{};
  Instant render_started_{};
  Instant render_ended_{};
  Instant last_reminder_{};
  bool network_described_ = false;
  std::set<LinkId> stolen_;  ///< slaves whose daemon was taken over
  Digest render_key_;

  std::unique_ptr<MasterCore> core_;
  std::unique_ptr<FilmWorker> film_;
  std::unique_ptr<FilmWatchers> film_watchers_;  ///< behind film_: ends before it
  std::unique_ptr<Timer> tick_;
  std::unique_ptr<Timer> linger_;
  std::map<std::uint64_t, DeviceKey> references_;  ///< under way, by the lease they were given
  std::uint64_t next_reference_;

  // What has threads comes last, so that it ends first.
  std::unique_ptr<WorkQueue> workers_;
  std::unique_ptr<SlaveServer> server_;
  std::unique_ptr<DaemonKeeper> keeper_;
  std::vector<std::unique_ptr<RenderWorker>> locals_;
  std::unique_ptr<RenderWorker> reference_;
  std::unique_ptr<WorkQueue> loader_;
};

}  // namespace oct
