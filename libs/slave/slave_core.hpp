#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "slave/connect_schedule.hpp"
#include "slave/slave_events.hpp"
#include "slave/slave_jobs.hpp"
#include "slave/slave_outbox.hpp"
#include "slave/slave_scenes.hpp"

namespace oct {

struct SlaveCoreConfig {
  std::string name;  ///< of this computer, for people
  Endpoint master;   ///< its address is empty as long as it is not known: MasterMoved tells it
  std::uint32_t version = kVersion;
  Digest kernel_hash;
  CompressionSet reads = 0;
  std::vector<DeviceInfo> devices;
  std::vector<CanaryResult> canaries;  ///< one for each device
  bool once = false;                   ///< end with the first render
  bool supervised = false;             ///< end, rather than reconnect, when the master is gone
  bool warm = false;                   ///< supervised: rest, rather than end
  std::optional<Duration> timeout;     ///< without a master for so long: give up
  std::uint32_t jitter_seed = 1;       ///< so that twenty slaves do not knock at the same moment
};

/// Decides everything that a slave does. The conversation with the master is its own: when it begins, what is said first
/// and last, when the slave ends. It joins ConnectSchedule (when to connect), SlaveScenes (what to ask for) and SlaveJobs
/// (what to render). Pure: no clock, socket, thread or device; one thread.
class SlaveCore {
 public:
  explicit SlaveCore(const SlaveCoreConfig& config);
  SlaveCore(const SlaveCore&) = delete;
  SlaveCore& operator=(const SlaveCore&) = delete;

  SlaveActions on(SlaveEvent event, Instant now);

  /// Grows with every chunk and every finished stage and unit, for the heartbeat.
  std::uint64_t progress() const { return scenes_.progress() + jobs_.progress(); }
  /// It has work of a master: a frame, or what is left of one.
  bool is_at_work() const { return stage_ == Stage::accepted && (scenes_.has_frame() || !jobs_.none_left()); }

 private:
  enum class Stage { unaddressed, waiting, connecting, greeting, accepted, closing, resting, ended };

  void on_event(SlaveStarted& event, Instant now);
  void on_event(MasterReached& event, Instant now);
  void on_event(MasterNotReached& event, Instant now);
  void on_event(MasterMessage& event, Instant now);
  void on_event(MasterBroken& event, Instant now);
  void on_event(MasterGone& event, Instant now);
  void on_event(SceneBegun& event, Instant now);
  void on_event(ChunkStored& event, Instant now);
  void on_event(SceneRebuilt& event, Instant now);
  void on_event(DeviceUploaded& event, Instant now);
  void on_event(UnitsFinished& event, Instant now);
  void on_event(JobEnded& event, Instant now);
  void on_event(DeviceLost& event, Instant now);
  void on_event(SlaveTick& event, Instant now);
  void on_event(SlaveStopAsked& event, Instant now);
  void on_event(RestAsked& event, Instant now);
  void on_event(MasterNamed& event, Instant now);
  void on_event(MasterMoved& event, Instant now);
  void on_event(CacheFailed& event, Instant now);

  void on_message(MasterWelcome& message, Instant now);
  void on_message(MasterRefusal& message, Instant now);
  void on_message(ManifestPart& message, Instant now);
  void on_message(Chunk& message, Instant now);
  void on_message(LeaseGrant& message, Instant now);
  void on_message(LeaseRecall& message, Instant now);
  void on_message(FrameEnd& message, Instant now);
  void on_message(Heartbeat& message, Instant now);
  void on_message(Goodbye& message, Instant now);
  template <class Message>
  void on_message(Message&, Instant) {
    reject("it sent a message that only slaves send");
  }

  void seek(Instant now);
  void connect();
  void follow(Instant now);
  void begin_farewell(Instant now);
  void enter(Stage stage);
  void heed(std::optional<SlaveTrouble> trouble);
  void give_up(const Error& error);
  void forget_connection();
  void reject(const std::string& why);
  void leave_if_idle();
  void rest(ExitCode code, std::optional<Error> error = std::nullopt);
  void rest_if_idle();
  void retry(Instant now, MasterMissed::Why why, const Error& reason);
  Error not_reached_in_time() const;
  void end(ExitCode code, std::optional<Error> error = std::nullopt);
  void refused_version(std::uint32_t master_version);

  SlaveCoreConfig config_;
  Stage stage_ = Stage::waiting;
  ConnectSchedule attempts_;
  std::optional<Error> last_miss_;  ///< why there is no master, since the last one
  bool stopping_ = false;
  std::uint64_t master_number_ = 0;  ///< by the daemon's count
  bool rest_asked_ = false;
  std::optional<Endpoint> next_master_;  ///< for whom this one is left
  Instant leave_by_{};        ///< asked to rest, to leave or to end: from then on nothing more is waited for
  bool device_lost_ = false;  ///< only another process may find it well
  std::optional<Rest> rest_;  ///< to be told once the devices have let go of the last lease
  bool end_after_close_ = false, rest_after_close_ = false;
  ExitCode end_code_ = ExitCode::done;
  std::optional<Error> end_error_;

  SlaveOutbox outbox_;
  SlaveJobs jobs_;
  SlaveScenes scenes_;
};

}  // namespace oct
