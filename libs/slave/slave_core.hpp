#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "slave/scene_slot.hpp"
#include "slave/slave_events.hpp"

namespace oct {

struct SlaveCoreConfig {
  std::string name;    ///< of this computer, for people
  std::string master;  ///< "10.0.0.103:21000"
  std::uint32_t version = kVersion;
  Digest kernel_hash;
  CompressionSet reads = 0;
  std::vector<DeviceInfo> devices;
  std::vector<CanaryResult> canaries;  ///< one for each device
  bool once = false;                   ///< end with the first render
  bool supervised = false;             ///< end, rather than reconnect, when the master is gone
  std::optional<Duration> timeout;     ///< without a master for so long: give up
  std::uint32_t jitter_seed = 1;       ///< so that twenty slaves do not knock at the same moment
};

/// Decides everything that a slave does: when to connect, what to ask for, what to render, when to end. Pure:
/// no clock, socket, thread or device; one thread.
class SlaveCore {
 public:
  explicit SlaveCore(const SlaveCoreConfig& config);

  SlaveActions on(SlaveEvent event, Instant now);

  /// Grows with every chunk and every finished stage and unit, for the heartbeat.
  std::uint64_t progress() const { return progress_; }

 private:
  enum class Stage { waiting, connecting, greeting, accepted, closing, ended };
  /// A lease under way. `lease` is 0 for one that nobody wants any more.
  struct Job {
    std::uint64_t lease = 0;
    FrameId frame = kNoFrame;
    std::uint32_t slot = 0;
    std::uint32_t device = 0;
    std::size_t units_left = 0;
    std::vector<FilmContribution> finished;  ///< not yet sent
    Instant oldest{};
    bool recalled = false;
  };

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
  void on_event(SlaveTick& event, Instant now);
  void on_event(SlaveStopAsked& event, Instant now);

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
  void on_message(Message&, Instant now) {
    reject("it sent a message that only slaves send", now);
  }

  void announced(FrameId frame, std::vector<ArrayInfo>&& arrays, std::vector<ChunkId>&& chunks, Instant now);
  std::size_t slot_for(const std::vector<ArrayInfo>& arrays, const std::vector<ChunkId>& chunks) const;
  void begin_scene(std::size_t slot, std::vector<ArrayInfo>&& arrays, std::vector<ChunkId>&& chunks);
  void begin_next_scene();
  void rebuild_if_whole(SceneSlot& slot);
  void ask_for_chunks();
  void report_update(SceneSlot& slot);
  void report_device(const SceneSlot& slot, std::uint32_t device);
  SceneSlot* slot_of_build(std::uint64_t build);
  SceneSlot* slot_of_frame(FrameId frame);
  std::uint32_t number_of(const SceneSlot& slot) const {
    return static_cast<std::uint32_t>(&slot - slots_.data());
  }
  bool is_useless() const;
  void give_up(const Error& error);
  void fail_device(SceneSlot& slot, std::uint32_t device, const Error& error);
  void flush(Job& job);
  void cancel_jobs();
  void drop_jobs(std::uint32_t slot);
  std::uint32_t jobs_wanted_of(std::uint32_t device) const;
  void hand_back(const LeaseGrant& grant, const std::string& why);
  void forget_connection();
  void reject(const std::string& why, Instant now);
  void leave_if_idle();
  void retry(Instant now, const std::string& why);
  void end(ExitCode code, std::optional<Error> error = std::nullopt);
  void refused_version(std::uint32_t master_version);
  bool is_lease_valid(const LeaseGrant& grant, const RenderSettings& settings) const;
  template <class Message>
  void send(Message message) {
    actions_.emplace_back(SendToMaster{RenderMessage(std::move(message))});
  }
  template <class Action>
  void act(Action action) {
    actions_.emplace_back(std::move(action));
  }

  SlaveCoreConfig config_;
  Stage stage_ = Stage::waiting;
  Instant unconnected_since_{};
  Instant retry_at_{};
  Duration retry_delay_;
  std::uint32_t jitter_;
  bool stopping_ = false;
  bool end_after_close_ = false;
  ExitCode end_code_ = ExitCode::done;
  std::optional<Error> end_error_;

  // The manifest as its parts arrive.
  FrameId coming_frame_ = kNoFrame;
  std::vector<ArrayInfo> coming_arrays_;
  std::vector<ChunkId> coming_chunks_;

  std::vector<SceneSlot> slots_;
  std::uint64_t last_build_ = 0;
  std::map<std::uint64_t, Job> jobs_;
  std::uint64_t next_job_ = 1;
  std::uint64_t progress_ = 0;
  SlaveActions actions_;
};

}  // namespace oct
