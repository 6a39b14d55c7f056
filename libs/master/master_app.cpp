#include "master/master_app.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/end_by_signal.hpp"
#include "base/plural.hpp"

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
  outcome_.samples_per_pixel = config_.scene.samples_per_pixel;
  outcome_.stop_reason = outcome_.frame_state = "failed";
  auto watch = Watch::make(config_.watch);
  if (!watch) {
    Console({}).error(watch.error().message, watch.error().help);
    return ExitCode::output;
  }
  watch_ = *std::move(watch);
  watch_->started(config_.command);
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
  if (!reference_->upload(kSceneUpload, scene_->data())) return nullptr;
  return reference_.get();
}

void MasterApp::start_reference(RenderReference& action) {
  RenderWorker* worker = reference_worker();
  const std::uint64_t lease = next_reference_++;
  references_[lease] = action.device;
  if (worker != nullptr && worker->render(Lease{lease, {action.units}})) return;
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
    if (auto queued = locals_[grant->local]->render(std::move(grant->lease)); !queued) {
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
    watch_->warning(tell->text, tell->help);
  } else if (auto* changed = std::get_if<SlaveChanged>(&action)) {
    if (const auto status = core_->slave(changed->link, steady_now())) watch_->slave(*status);
  } else if (auto* ended = std::get_if<RenderEnded>(&action)) {
    on_ended(*ended);
  }
}

void MasterApp::on_tick() {
  feed(Tick{});
  if (phase_ != Phase::rendering) return;
  const Instant instant = steady_now();
  const std::vector<SlaveStatus> slaves = core_->slaves(instant);
  for (const SlaveStatus& status : slaves) {
    if (status.connected) watch_->slave(status);
  }
  watch_->progress(view(), slaves, instant);
  film_watchers_->on_tick(instant, core_->ledger().samples_merged());
  remind_of_slaves(instant);
}

ProgressView MasterApp::view() const {
  ProgressView view;
  const Ledger& ledger = core_->ledger();
  view.samples_merged = ledger.samples_merged();
  view.samples_wanted = ledger.samples_wanted();
  view.pixels = std::uint64_t{ledger.settings().width} * ledger.settings().height;
  view.samples_per_pixel_wanted = ledger.settings().samples_per_pixel;
  view.samples_per_second = core_->samples_per_second();
  view.seconds = to_seconds((phase_ == Phase::rendering ? steady_now() : render_ended_) - render_started_);
  view.frames_done = ledger.complete() ? 1 : 0;
  view.network = server_ != nullptr;
  for (const SlaveStatus& slave : core_->slaves(steady_now())) {
    if (!slave.connected || slave.doing == SlaveDoing::refused) continue;
    ++view.slaves;
    view.net_devices += static_cast<std::uint32_t>(slave.devices.size());
    view.net_devices_used += slave.devices_used;
    view.slaves_network_bound += slave.network_bound ? 1 : 0;
    const bool updated = slave.bytes_done == slave.bytes_total;
    view.slaves_updating += updated ? 0 : 1;
    view.slaves_updated += updated ? 1 : 0;
    view.bytes_total += slave.bytes_total;
    view.bytes_pending += slave.bytes_total - slave.bytes_done;
  }
  return view;
}

void MasterApp::on_signal(int signal) {
  const bool again = std::exchange(signal_, signal) != 0;
  if (again || phase_ == Phase::loading) {
    outcome_.exit_code = exit_code_of_signal(signal);
    outcome_.stop_reason = outcome_.frame_state = "cancelled";
    if (!again) write_report();
    watch_->finished(outcome_);
    end_by_signal(signal);
  }
  if (phase_ != Phase::rendering) return;  // what is left takes no time
  const std::uint32_t leases = core_->leases_under_way();
  watch_->text_line(
      fmt::format("Stopping: {} lease{} under way (CTRL-C again ends at once)", leases, plural(leases)));
  feed(StopAsked{});
}

}  // namespace oct
