#include "master/local_devices.hpp"

#include <utility>

namespace oct {
namespace {

/// Leases of the reference are numbered from here: a CPU device that renders may have both kinds.
constexpr std::uint64_t kFirstReference = std::uint64_t{1} << 63;
constexpr std::size_t kReferencesTogether = 2;

std::optional<Error> error_of(Result<void>& result) {
  return result ? std::nullopt : std::optional<Error>(std::move(result.error()));
}

}  // namespace

LocalDevices::LocalDevices(EventLoop& loop, const DeviceChoice& choice, SceneOf scene_of, Sink sink)
    : loop_(loop),
      choice_(choice),
      scene_of_(std::move(scene_of)),
      sink_(std::move(sink)),
      trees_(make_tree_store(choice)),
      next_reference_(kFirstReference) {}

LocalDevices::~LocalDevices() {
  *alive_ = false;
  workers_.clear();  // no event comes behind this
  reference_.reset();
}

Result<void> LocalDevices::open(const DevicePlan& plan) {
  OCT_TRY_ASSIGN(std::vector<std::unique_ptr<Device>> devices, open_devices(choice_, plan, trees_));
  for (std::unique_ptr<Device>& device : devices) {
    const auto local = static_cast<std::uint32_t>(workers_.size());
    workers_.push_back(
        start(std::move(device), [this, local](RenderEvent event) { on_event(local, std::move(event)); }));
    sink_(LocalDeviceOpened{local, workers_[local]->info(), workers_[local]->canary()});
  }
  return {};
}

/// What a device says may still be on its way to the loop when this is gone.
std::unique_ptr<RenderWorker> LocalDevices::start(std::unique_ptr<Device> device,
                                                  std::function<void(RenderEvent)> on_event) {
  return std::make_unique<RenderWorker>(
      std::move(device), [&loop = loop_, alive = alive_, on_event = std::move(on_event)](RenderEvent event) {
        auto shared = std::make_shared<RenderEvent>(std::move(event));
        loop.post([alive, on_event, shared] {
          if (*alive) on_event(std::move(*shared));
        });
      });
}

void LocalDevices::on_event(std::uint32_t local, RenderEvent event) {
  if (auto* upload = std::get_if<UploadDone>(&event)) {
    sink_(LocalUploaded{local, static_cast<FrameId>(upload->upload_id), std::move(upload->result)});
  } else if (auto* ready = std::get_if<ContributionReady>(&event)) {
    if (ready->lease_id >= kFirstReference) return on_reference_event(std::move(event));
    sink_(LocalAnswer{local, ready->lease_id, std::move(ready->contribution)});
  } else {
    auto& done = std::get<LeaseDone>(event);
    if (done.lease_id >= kFirstReference) return on_reference_event(std::move(event));
    sink_(LocalLeaseEnded{local, done.lease_id, error_of(done.result)});
  }
}

void LocalDevices::carry_out(UploadLocal& action) {
  auto queued = workers_[action.local]->upload(action.slot, action.frame, scene_of_(action.frame));
  if (!queued) sink_(LocalUploaded{action.local, action.frame, std::move(queued)});
}

void LocalDevices::carry_out(GrantLocal& action) {
  const std::uint64_t lease = action.lease.id;
  auto queued = workers_[action.local]->render(action.slot, std::move(action.lease));
  if (!queued) sink_(LocalLeaseEnded{action.local, lease, std::move(queued.error())});
}

void LocalDevices::carry_out(CancelLocal& action) {
  workers_[action.local]->cancel_all();
}

void LocalDevices::carry_out(RecallLocal& action) {
  workers_[action.local]->cancel_lease(action.lease_id);
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
  for (const auto& worker : workers_) {
    if (worker->info().kind == DeviceKind::cpu) return worker.get();
  }
  if (reference_) return reference_.get();
  auto device = open_cpu(choice_, trees_);
  if (!device) return nullptr;
  reference_ = start(*std::move(device), [this](RenderEvent event) { on_reference_event(std::move(event)); });
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
