#pragma once
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "master/film_worker.hpp"
#include "master/local_devices.hpp"
#include "master/master_config.hpp"
#include "master/master_core.hpp"
#include "master/packed_sizes.hpp"
#include "master/render_network.hpp"
#include "render_data/chunks.hpp"

namespace oct {

/// One picture to render in a session.
struct SessionFrame {
  std::shared_ptr<const ChunkedScene> scene;
  PackedSample packed_sample;        ///< of its chunks; not needed without a network
  std::shared_ptr<FilmWorker> film;  ///< what it is merged into
  std::vector<bool> filled;  ///< units that the film has already, as Ledger::restore takes them; empty: none
  FilmHistory history;       ///< and by whom
  StopRules rules;           ///< what may end it early
};

struct SessionConfig {
  DeviceChoice devices;
  DevicePlan plan;  ///< of this computer; no device at all with `no_local`
  bool no_local = false;
  NetworkChoice network;
  AuditConfig audit;
};

/// What outlives a picture: the port and its slaves, the daemons, this computer's devices, what is known of all their
/// speeds. Frames are rendered in it one after the other, the next one's scene being made ready meanwhile. The shell
/// of MasterCore: it brings events in and carries actions out, and decides nothing. The loop's thread only.
class Session {
 public:
  struct Events {
    /// Nothing more will be merged into its film.
    std::function<void(const FrameEnded&)> on_frame_ended;
    /// After no_more_frames() or stop(): the last one has ended and slaves were told.
    std::function<void()> on_ended;
  };

  /// Opens the port, and begins to open this computer's devices; slaves wait until begin(). `workers` packs and unpacks; `config` and `report` must outlive it.
  static Result<std::unique_ptr<Session>> open(EventLoop& loop, WorkQueue& workers,
                                               const SessionConfig& config, RenderReport& report,
                                               Events events);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Lets slaves in and occupies daemons.
  void begin();

  /// One more frame, behind those that are there.
  FrameId add(SessionFrame frame);
  void no_more_frames() { feed(NoMoreFrames{}); }
  /// Takes what is under way, then ends.
  void stop() { feed(StopAsked{}); }

  /// Where the session stands: devices, slaves and network; with the samples of a frame that has not ended.
  RenderStatus status(FrameId frame) const;
  const MasterCore& core() const { return *core_; }
  /// When the first samples of all came back; none as long as none have.
  std::optional<Instant> first_samples() const { return first_samples_; }
  /// Acceleration structures that were built for this computer's devices so far.
  std::uint64_t trees_built() const { return locals_->trees_built(); }
  /// nullptr without network.
  RenderNetwork* network() { return network_.get(); }
  /// Says what slaves do, and what it waits for. Several times a second.
  void tell_progress(Instant now);
  /// Lets go of this computer's devices, at the end. False: one hangs, and so would the destructor.
  bool finish_devices() { return locals_->finish(); }
  bool is_closed() const { return !network_ || network_->is_closed(); }

 private:
  Session(EventLoop& loop, const SessionConfig& config, RenderReport& report, Events events);

  void feed(MasterEvent event);
  void carry_out(MergeIntoFilm& action);
  void carry_out(ClearTile& action);
  void carry_out(Tell& action);
  void carry_out(SlaveChanged& action);
  void carry_out(FrameEnded& action);
  void carry_out(SessionEnded& action);
  /// What concerns a device of this computer, or a slave.
  template <class Action>
  void carry_out(Action& action);

  EventLoop& loop_;
  RenderReport& report_;
  const Events events_;
  FrameId last_frame_ = kNoFrame;
  std::optional<Instant> first_samples_;
  std::map<FrameId, SessionFrame> frames_;  ///< that have not ended
  std::unique_ptr<MasterCore> core_;
  std::unique_ptr<Timer> tick_;
  std::unique_ptr<RenderNetwork> network_;
  std::unique_ptr<LocalDevices> locals_;  ///< has threads: ends first
};

}  // namespace oct
