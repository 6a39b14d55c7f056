#include "master/local_devices.hpp"

#include <utility>

namespace oct {
namespace {

/// Leases of the reference are numbered from here: a CPU device that renders may have both kinds.
constexpr std::uint64_t kFirstReference = std::uint64_t{1} << 63;
constexpr std::size_t kReferencesTogether = 2;
constexpr Duration kLookForHung = milliseconds(500);

std::optional<Error> why_ended(Result<void>& result) {
  return result ? std::nullopt : std::optional<Error>(std::move(result.error()));
}

}  // namespace

LocalDevices::LocalDevices(EventLoop& loop, const DeviceChoice& choice, SceneOf scene_of, Sink sink,
                           const DevicePatience& patience)
    : loop_(loop),
      choice_(choice),
      scene_of_(std::move(scene_of)),
      sink_(std::move(sink)),
      trees_(make_tree_store(choice)),
      next_reference_(kFirstReference),
      patience_(patience) {}

LocalDevices::~LocalDevices() {
  *alive_ = false;
  opening_.reset();
  locals_.clear();  // no event comes behind this
  reference_.reset();
}

bool LocalDevices::finish() {
  const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(patience_.leaving);
  bool all = !opening_ || opening_->finish(patience);
  for (Local& local : locals_) all = (!local.worker || local.worker->finish(patience)) && all;
  return (!reference_ || reference_->finish(patience)) && all;
}

void LocalDevices::open(const DevicePlan& plan, bool is_checked) {
  trees_ = make_tree_store(choice_, !plan.gpus.empty() && (plan.cpu || is_checked));
  open(devices_of(plan), opener_of(choice_, plan, trees_));
}

void LocalDevices::open(std::vector<DeviceInfo> infos, DeviceOpening::Open open) {
  for (DeviceInfo& info : infos) {
    locals_.push_back({std::move(info), DeviceWatch(patience_, steady_now())});
  }
  opening_ = std::make_unique<DeviceOpening>(
      static_cast<std::uint32_t>(locals_.size()), std::move(open),
      [this](std::uint32_t local) {
        return post_events([this, local](RenderEvent event) { on_event(local, std::move(event)); });
      },
      [this, &loop = loop_, alive = alive_](std::uint32_t local, Result<OpenedDevice> opened) {
        auto shared = std::make_shared<Result<OpenedDevice>>(std::move(opened));
        loop.post([this, alive, local, shared] {
          if (*alive) on_opened(local, std::move(*shared));
        });
      });
  watch_ = loop_.every(kLookForHung, [this] { look_for_hung(); });
}

void LocalDevices::on_opened(std::uint32_t number, Result<OpenedDevice> opened) {
  Local& local = locals_[number];
  if (local.is_of_no_use()) return;
  local.failed_to_open = !opened;
  if (!opened) return sink_(LocalDeviceFailed{number, std::move(opened.error())});
  local.worker = std::move(opened->worker);
  local.info = local.worker->info();
  sink_(LocalDeviceOpened{number, local.info, opened->canary});
}

/// What a device says may still be on its way to the loop when this is gone.
RenderEventSink LocalDevices::post_events(std::function<void(RenderEvent)> on_event) {
  return [&loop = loop_, alive = alive_, on_event = std::move(on_event)](RenderEvent event) {
    auto shared = std::make_shared<RenderEvent>(std::move(event));
    loop.post([alive, on_event, shared] {
      if (*alive) on_event(std::move(*shared));
    });
  };
}

/// The threads of one that hangs stay where they are, until the process ends.
void LocalDevices::look_for_hung() {
  const Instant now = steady_now();
  for (std::uint32_t number = 0; number < locals_.size(); ++number) {
    Local& local = locals_[number];
    if (local.is_of_no_use()) continue;
    if (auto error = local.watch.look(local.info, local.worker.get(), now))
      sink_(LocalDeviceFailed{number, *std::move(error)});
  }
}

void LocalDevices::on_event(std::uint32_t local, RenderEvent event) {
  if (locals_[local].is_of_no_use()) return;  // it came back after all; what it had, others have by now
  if (auto* upload = std::get_if<UploadDone>(&event)) {
    sink_(LocalUploaded{local, static_cast<FrameId>(upload->upload_id), std::move(upload->result)});
  } else if (auto* ready = std::get_if<ContributionReady>(&event)) {
    if (ready->lease_id >= kFirstReference) return on_reference_event(std::move(event));
    sink_(LocalAnswer{local, ready->lease_id, std::move(ready->contribution)});
  } else {
    auto& done = std::get<LeaseDone>(event);
    if (done.lease_id >= kFirstReference) return on_reference_event(std::move(event));
    sink_(LocalLeaseEnded{local, done.lease_id, why_ended(done.result)});
  }
}

void LocalDevices::carry_out(UploadLocal& action) {
  auto queued = locals_[action.local].worker->upload(action.slot, action.frame, scene_of_(action.frame));
  if (!queued) sink_(LocalUploaded{action.local, action.frame, std::move(queued)});
}

void LocalDevices::carry_out(GrantLocal& action) {
  const std::uint64_t lease = action.lease.id;
  auto queued = locals_[action.local].worker->render(action.slot, std::move(action.lease));
  if (!queued) sink_(LocalLeaseEnded{action.local, lease, std::move(queued.error())});
}

void LocalDevices::carry_out(CancelLocal& action) {
  locals_[action.local].worker->cancel_all();
}

void LocalDevices::carry_out(RecallLocal& action) {
  locals_[action.local].worker->cancel_lease(action.lease_id);
}

// The reference.

void LocalDevices::carry_out(RenderReference& action) {
  waiting_references_.push_back(action);
  start_next_reference();
}

void LocalDevices::start_next_reference() {
  while (!waiting_references_.empty() && references_.size() < kReferencesTogether) {
    const RenderReference asked = waiting_references_.front();
    waiting_references_.pop_front();
    const RenderDataPtr scene = scene_of_(asked.frame);
    if (!scene) continue;  // the frame has ended
    const std::uint64_t lease = next_reference_++;
    references_[lease] = asked;
    RenderWorker* worker = reference();
    if (worker != nullptr && worker == reference_.get() && reference_scenes_[asked.slot] != asked.frame) {
      reference_scenes_[asked.slot] = asked.frame;
      if (!worker->upload(asked.slot, asked.frame, scene)) worker = nullptr;
    }
    if (worker == nullptr || !worker->render(asked.slot, Lease{lease, {asked.units}}))
      return answer_reference(lease,
                              fail(ErrorKind::exhausted, "this computer's CPU cannot render the scene"));
  }
}

/// The CPU device that renders, or one that is opened for this alone.
RenderWorker* LocalDevices::reference() {
  for (const Local& local : locals_) {
    if (local.worker && local.info.kind == DeviceKind::cpu) return local.worker.get();
  }
  if (reference_) return reference_.get();
  auto device = open_cpu(choice_, trees_);
  if (!device) return nullptr;
  reference_ = std::make_unique<RenderWorker>(
      *std::move(device), post_events([this](RenderEvent event) { on_reference_event(std::move(event)); }));
  return reference_.get();
}

void LocalDevices::on_reference_event(RenderEvent event) {
  if (auto* ready = std::get_if<ContributionReady>(&event)) {
    answer_reference(ready->lease_id, std::move(ready->contribution));
  } else if (auto* done = std::get_if<LeaseDone>(&event)) {
    answer_reference(done->lease_id, done->result ? fail(ErrorKind::internal, "no contribution came")
                                                  : fail(std::move(done->result.error())));
  }
}

/// The contribution comes before the end of its lease, which then finds nothing.
void LocalDevices::answer_reference(std::uint64_t lease, Result<FilmContribution> contribution) {
  const auto found = references_.find(lease);
  if (found == references_.end()) return;
  const RenderReference asked = found->second;
  references_.erase(found);
  sink_(ReferenceRendered{asked.frame, asked.units, std::move(contribution)});
  start_next_reference();
}

void LocalDevices::frame_ended(FrameId frame) {
  std::erase_if(waiting_references_, [&](const RenderReference& asked) { return asked.frame == frame; });
}

}  // namespace oct
