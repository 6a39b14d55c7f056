#include "master/master_app.hpp"

#include <utility>

#include "base/end_by_signal.hpp"
#include "report/progress.hpp"

namespace oct {
namespace {

/// Leases of the reference device are numbered from here: a local CPU device may have both kinds.
constexpr std::uint64_t kFirstReference = std::uint64_t{1} << 63;

}  // namespace

MasterApp::MasterApp(MasterConfig config) : config_(std::move(config)), next_reference_(kFirstReference) {}

MasterApp::~MasterApp() {
  locals_.clear();  // no event comes behind this
  reference_.reset();
}

ExitCode MasterApp::run() {
  outcome_.command = config_.command;
  outcome_.frames.resize(1);
  frame().samples_per_pixel = config_.scene.samples_per_pixel;
  auto report = RenderReport::make(config_.report);
  if (!report) {
    Console({}).error(report.error().message, report.error().help);
    return ExitCode::output;
  }
  report_ = *std::move(report);
  report_->started(config_.command);
  if (const auto code = check_command()) return *code;

  loop_.on_signal([this](int signal) { on_signal(signal); });
  start_loading();
  loop_.run();
  return outcome_.exit_code;
}

// Rendering.

void MasterApp::feed(MasterEvent event) {
  if (!core_) return;
  for (MasterAction& action : core_->on(std::move(event), steady_now())) carry_out(action);
}

void MasterApp::on_device_event(std::uint32_t local, RenderEvent event) {
  if (auto* done = std::get_if<UploadDone>(&event)) {
    if (done->result) return feed(LocalDeviceReady{local, locals_[local]->info()});
    return feed(LocalDeviceFailed{local, std::move(done->result.error())});
  }
  if (auto* ready = std::get_if<ContributionReady>(&event)) {
    if (ready->lease_id >= kFirstReference) return on_reference_event(std::move(event));
    return feed(LocalAnswer{local, ready->lease_id, std::move(ready->contribution)});
  }
  auto& done = std::get<LeaseDone>(event);
  if (done.lease_id >= kFirstReference) return on_reference_event(std::move(event));
  feed(LocalLeaseEnded{local, done.lease_id,
                       done.result ? std::nullopt : std::optional<Error>(done.result.error())});
}

/// The device that the first units of others are checked against: this computer's CPU, whether it renders or
/// not.
RenderWorker* MasterApp::reference_worker() {
  for (const auto& worker : locals_) {
    if (worker->info().kind == DeviceKind::cpu) return worker.get();
  }
  if (reference_) return reference_.get();
  auto device = open_cpu(config_.devices);
  if (!device) return nullptr;
  reference_ = std::make_unique<RenderWorker>(*std::move(device), [this](RenderEvent event) {
    auto shared = std::make_shared<RenderEvent>(std::move(event));
    loop_.post([this, shared] { on_reference_event(std::move(*shared)); });
  });
  if (!reference_->upload(0, kSceneUpload, scene_->data())) return nullptr;
  return reference_.get();
}

void MasterApp::start_reference(RenderReference& action) {
  RenderWorker* worker = reference_worker();
  const std::uint64_t lease = next_reference_++;
  references_[lease] = action.device;
  if (worker != nullptr && worker->render(0, Lease{lease, {action.units}})) return;
  on_reference_event(
      LeaseDone{lease, oct::fail(ErrorKind::exhausted, "this computer's CPU cannot render the scene")});
}

void MasterApp::on_reference_event(RenderEvent event) {
  const auto answer = [this](std::uint64_t lease, Result<FilmContribution> contribution) {
    const auto found = references_.find(lease);
    if (found == references_.end()) return;
    const DeviceKey device = found->second;
    references_.erase(found);
    feed(ReferenceRendered{device, std::move(contribution)});
  };
  if (auto* ready = std::get_if<ContributionReady>(&event))
    answer(ready->lease_id, std::move(ready->contribution));
  if (auto* done = std::get_if<LeaseDone>(&event)) {
    answer(done->lease_id, done->result ? oct::fail(ErrorKind::internal, "no contribution came")
                                        : oct::fail(std::move(done->result.error())));
  }
}

void MasterApp::carry_out(MasterAction& action) {
  if (auto* grant = std::get_if<GrantLocal>(&action)) {
    const std::uint64_t lease = grant->lease.id;
    if (auto queued = locals_[grant->local]->render(0, std::move(grant->lease)); !queued) {
      feed(LocalLeaseEnded{grant->local, lease, std::move(queued.error())});
    }
  } else if (auto* cancel = std::get_if<CancelLocal>(&action)) {
    if (cancel->local < locals_.size()) locals_[cancel->local]->cancel_all();
  } else if (auto* recall = std::get_if<RecallLocal>(&action)) {
    locals_[recall->local]->cancel_lease(recall->lease_id);
  } else if (auto* reference = std::get_if<RenderReference>(&action)) {
    start_reference(*reference);
  } else if (auto* merge = std::get_if<MergeIntoFilm>(&action)) {
    film_->merge(std::move(merge->contribution));
  } else if (auto* send = std::get_if<SendToSlave>(&action)) {
    server_->carry_out(*send);
  } else if (auto* establish = std::get_if<EstablishLink>(&action)) {
    server_->carry_out(*establish);
  } else if (auto* chunks = std::get_if<SendChunks>(&action)) {
    server_->carry_out(*chunks);
  } else if (auto* finish = std::get_if<FinishLink>(&action)) {
    server_->carry_out(*finish);
  } else if (auto* tell = std::get_if<Tell>(&action)) {
    report_->tell(tell->notice);
  } else if (auto* changed = std::get_if<SlaveChanged>(&action)) {
    if (const auto status = core_->slave(changed->link, steady_now())) report_->slave(*status);
  } else if (auto* ended = std::get_if<RenderEnded>(&action)) {
    on_ended(*ended);
  }
}

void MasterApp::on_tick() {
  feed(Tick{});
  if (phase_ != Phase::rendering) return;
  const Instant instant = steady_now();
  const RenderStatus now = status();
  for (const SlaveStatus& slave : now.slaves) {
    if (slave.connected) report_->slave(slave);
  }
  report_->progress(now, instant);
  remind_of_slaves(instant);
}

RenderStatus MasterApp::status() const {
  RenderStatus status;
  const Instant instant = steady_now();
  const Ledger& ledger = core_->ledger();
  status.scene = scene_->summary.name;
  status.samples_merged = ledger.samples_merged();
  status.samples_wanted = ledger.samples_wanted();
  status.pixels = std::uint64_t{ledger.settings().width} * ledger.settings().height;
  status.samples_per_pixel_wanted = ledger.settings().samples_per_pixel;
  status.samples_per_second = core_->samples_per_second();
  status.seconds = to_seconds((phase_ == Phase::rendering ? instant : render_ended_) - render_started_);
  status.frames_done = ledger.complete() ? 1 : 0;
  status.devices = core_->local_devices();
  status.slaves = core_->slaves(instant);
  if (server_) status.network = totals_of(status.slaves);
  return status;
}

void MasterApp::on_signal(int signal) {
  const bool again = std::exchange(signal_, signal) != 0;
  if (again || phase_ == Phase::loading) {
    outcome_.exit_code = exit_code_of_signal(signal);
    outcome_.stop_reason = StopReason::cancelled;
    frame().state = FrameState::cancelled;
    if (!again) write_report();
    report_->finished(outcome_);
    end_by_signal(signal);
  }
  if (phase_ != Phase::rendering) return;  // what is left takes no time
  report_->tell(notice::Stopping{core_->leases_under_way()});
  feed(StopAsked{});
}

}  // namespace oct
