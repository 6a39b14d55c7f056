#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "master/master_events.hpp"
#include "net/event_loop.hpp"
#include "render/device_choice.hpp"
#include "render/device_opening.hpp"
#include "render/device_watch.hpp"
#include "render/render_worker.hpp"

namespace oct {

/// The devices of this computer, each on threads of its own: actions of the core in, events out. One more, the
/// reference, is what audited units are decided by: the CPU, whether it renders or not. The loop's thread only.
class LocalDevices {
 public:
  using Sink = std::function<void(MasterEvent)>;
  /// The scene of a frame under way.
  using SceneOf = std::function<RenderDataPtr(FrameId)>;

  LocalDevices(EventLoop& loop, const DeviceChoice& choice, SceneOf scene_of, Sink sink,
               const DevicePatience& patience = {});
  ~LocalDevices();
  LocalDevices(const LocalDevices&) = delete;
  LocalDevices& operator=(const LocalDevices&) = delete;

  /// Begins to open the devices of a plan, side by side. Each is answered by LocalDeviceOpened, with what it computed of
  /// the canary, or LocalDeviceFailed.
  ///   is_checked  the reference will render units of theirs again
  void open(const DevicePlan& plan, bool is_checked);
  /// The same, with other devices.
  void open(std::vector<DeviceInfo> infos, DeviceOpening::Open open);

  /// Cancels everything and waits for the devices. False: one hangs, and so would the destructor; only the end of the
  /// process gets rid of it. Nothing else may be called then.
  bool finish();

  void carry_out(UploadLocal& action);
  void carry_out(GrantLocal& action);
  void carry_out(CancelLocal& action);
  void carry_out(RecallLocal& action);
  void carry_out(RenderReference& action);
  /// Nothing of it is needed any more.
  void frame_ended(FrameId frame);
  /// Acceleration structures that were built so far.
  std::uint64_t trees_built() const { return trees_->built_count(); }

 private:
  RenderEventSink post_events(std::function<void(RenderEvent)> on_event);
  void on_opened(std::uint32_t local, Result<OpenedDevice> opened);
  void look_for_hung();
  void on_event(std::uint32_t local, RenderEvent event);
  void on_reference_event(RenderEvent event);
  RenderWorker* reference();
  void start_next_reference();
  void answer_reference(std::uint64_t lease, Result<FilmContribution> contribution);

  EventLoop& loop_;
  const DeviceChoice choice_;
  const SceneOf scene_of_;
  const Sink sink_;
  std::shared_ptr<TreeStore> trees_;                     ///< of all devices and the reference
  std::map<std::uint64_t, RenderReference> references_;  ///< under way, by the lease they were given
  std::deque<RenderReference> waiting_references_;
  std::uint64_t next_reference_;
  std::map<std::uint32_t, FrameId>
      reference_scenes_;  ///< by slot, where the reference is no device that renders
  /// The loop's thread finds out by it that this is gone.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  /// One that renders here.
  struct Local {
    DeviceInfo info;  ///< as far as it is known
    DeviceWatch watch;
    std::unique_ptr<RenderWorker> worker = nullptr;  ///< none before it is opened
    bool failed_to_open = false;
    bool is_of_no_use() const { return failed_to_open || watch.found_hung(); }
  };
  const DevicePatience patience_;
  std::unique_ptr<Timer> watch_;
  std::vector<Local> locals_;
  std::unique_ptr<RenderWorker> reference_;
  std::unique_ptr<DeviceOpening> opening_;
};

}  // namespace oct
