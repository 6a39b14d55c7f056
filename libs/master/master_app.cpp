#include "master/master_app.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "base/end_by_signal.hpp"
#include "base/file.hpp"
#include "wire/compression.hpp"
#include "wire/kernel_hash.hpp"

namespace oct {
namespace {

/// Leases of the reference device are numbered from here: a local CPU device may have both kinds.
constexpr std::uint64_t kFirstReference = std::uint64_t{1} << 63;
constexpr std::uint64_t kSceneUpload = 1;
constexpr Duration kTick = milliseconds(100);

ExitCode code_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::invalid_input: return ExitCode::usage;
    case ErrorKind::output: return ExitCode::output;
    case ErrorKind::unavailable:
    case ErrorKind::timed_out: return ExitCode::network;
    case ErrorKind::incompatible: return ExitCode::version;
    case ErrorKind::exhausted: return ExitCode::device;
    case ErrorKind::protocol:
    case ErrorKind::cancelled:
    case ErrorKind::internal: break;
  }
  return ExitCode::internal;
}

Digest render_key_of(const LoadedScene& scene, const MasterConfig& config) {
  Sha256 hash;
  hash.add(std::string_view("octane render key 1"));
  hash.add(bytes_of_value(scene.hash));
  hash.add(bytes_of_value(kernel_hash()));
  hash.add(
      fmt::format("exposure {} curve {}", config.tone_map.exposure, static_cast<int>(config.tone_map.curve)));
  for (const PictureOutput& output : config.outputs) {
    hash.add(fmt::format("output {} {}", static_cast<int>(output.format), static_cast<int>(output.exr_type)));
  }
  return hash.finish();
}

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

// Before the loop: whatever can be found wrong before rendering.

std::optional<ExitCode> MasterApp::check_command() {
  if (auto outputs = check_outputs(); !outputs) return fail_early(outputs.error(), ExitCode::output);
  if (config_.no_local && !config_.network.enable) {
    return fail_early({ErrorKind::invalid_input, "--no-local leaves nothing to render with",
                       "add --net-enable, and start slaves"},
                      ExitCode::usage);
  }
  if (!config_.no_local) {
    auto plan = plan_devices(config_.devices, list_cuda_devices());
    if (!plan) return fail_early(plan.error(), ExitCode::device);
    plan_ = *std::move(plan);
  }
  workers_ = std::make_unique<WorkQueue>(2);
  if (!config_.network.enable) return std::nullopt;
  auto server = SlaveServer::open(loop_, *workers_, config_.network, watch_->log());
  if (!server) {
    const NetworkChoice& network = config_.network;
    if (server.error().kind != ErrorKind::unavailable) return fail_early(server.error(), ExitCode::network);
    const std::string what =
        network.automatic_port
            ? fmt::format("ports {}-{} are in use by other programs", network.port,
                          network.port + kAutomaticPorts - 1)
            : fmt::format("port {} is in use by another program (maybe another master)", network.port);
    return fail_early(
        {ErrorKind::unavailable, what, "--net-master-port 0 takes the first free port of 21000-21015"},
        ExitCode::network);
  }
  server_ = *std::move(server);
  server_->on_refused([this](const RefusedPeer& refused) {
    if (refused.preamble.name.empty()) {
      watch_->event(fmt::format("{} was sent away: {}", refused.peer.address, refused.error.message));
    } else {
      const bool said = refused.error.message.starts_with("refused");
      watch_->warning(fmt::format("{} ({}): {}{}", refused.preamble.name, refused.peer.address,
                                  said ? "" : "refused, ", refused.error.message),
                      refused.error.help);
    }
  });
  if (auto opened = open_keeper(); !opened) return fail_early(opened.error(), code_of(opened.error()));
  return std::nullopt;
}

Result<void> MasterApp::check_outputs() {
  if (config_.outputs.empty()) {
    config_.outputs.push_back({file_stem(config_.scene.path) + ".png", PictureFormat::png8, ExrType::half});
  }
  for (std::size_t i = 0; i < config_.outputs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (config_.outputs[i].path == config_.outputs[j].path) {
        return oct::fail(ErrorKind::output,
                         fmt::format("{}: two outputs have this name", config_.outputs[i].path));
      }
    }
    OCT_TRY(check_writable(config_.outputs[i].path));
  }
  if (!config_.watch.report.empty()) OCT_TRY(check_writable(config_.watch.report));
  return {};
}

ExitCode MasterApp::fail_early(const Error& error, ExitCode code) {
  fail(error, code);
  return code;
}

// Loading.

void MasterApp::start_loading() {
  load_started_ = steady_now();
  loader_ = std::make_unique<WorkQueue>();
  loader_->post([this] {
    ExitCode code = ExitCode::input;
    ThreadPool pool(config_.devices.threads);
    auto loaded = std::make_shared<Result<LoadedScene>>(load_scene(config_.scene, pool, code));
    loop_.post([this, loaded, code] { on_loaded(std::move(*loaded), code); });
  });
}

void MasterApp::on_loaded(Result<LoadedScene> loaded, ExitCode failure_code) {
  if (!loaded) return fail(loaded.error(), failure_code);
  scene_ = *std::move(loaded);
  scene_->summary.seconds = to_seconds(steady_now() - load_started_);
  render_key_ = render_key_of(*scene_, config_);
  describe_scene();
  start_core();
  if (auto started = start_devices(); !started) return fail(started.error(), code_of(started.error()));
}

void MasterApp::describe_scene() {
  const SceneSummary& scene = scene_->summary;
  for (const std::string& warning : scene_->warnings) watch_->warning(warning, {});
  for (const std::string& note : scene_->notes) watch_->event(note);
  watch_->scene(scene);
  watch_->line(
      "Scene",
      fmt::format("{}: {} triangles, {} objects, {} materials, {} textures; {} render data in {:.1f} s",
                  scene.name, scene.triangles, scene.objects, scene.materials, scene.textures,
                  megabytes_text(scene.bytes), scene.seconds));
  watch_->line("Devices", config_.no_local ? std::string("none of this computer (--no-local)") : plan_.text);
  const RenderSettings& settings = scene_->settings();
  watch_->line("Film", fmt::format("{}x{}, {} samples per pixel, camera \"{}\"", settings.width,
                                   settings.height, settings.samples_per_pixel, scene_->camera_name));
  describe_network();
}

void MasterApp::start_core() {
  MasterCoreConfig config;
  config.link.master_name = config_.network.nick_name.empty() ? host_name() : config_.network.nick_name;
  config.link.kernel_hash = kernel_hash();
  config.link.reads = readable_compressions();
  config.link.deadlines = config_.network.deadlines;
  config.dispatch.suspect_after = config_.network.deadlines.suspect;
  config.local_devices =
      config_.no_local ? 0 : static_cast<std::uint32_t>(plan_.gpus.size() + (plan_.cpu ? 1 : 0));
  config.network = server_ != nullptr;
  config.wait_for_slaves = config_.network.wait_for_slaves;
  config.wait_at_most =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(config_.network.wait_seconds));
  ServedScene served;
  served.bytes = scene_->chunks->distinct_bytes();
  served.chunks.insert(scene_->chunks->manifest().chunks.begin(), scene_->chunks->manifest().chunks.end());

  phase_ = Phase::rendering;
  render_started_ = last_reminder_ = outcome_.started = steady_now();
  outcome_.samples_wanted = std::uint64_t{scene_->settings().width} * scene_->settings().height *
                            scene_->settings().samples_per_pixel;
  film_ = std::make_unique<FilmWorker>(scene_->settings());
  core_ = std::make_unique<MasterCore>(config, scene_->settings(), std::move(served), render_started_);
  watch_->frame_started(view(), render_started_);
  if (server_) {
    server_->serve(scene_->chunks, scene_->settings(), 1,
                   [this](MasterEvent event) { feed(std::move(event)); });
    keeper_->begin();
  }
  tick_ = loop_.every(kTick, [this] { on_tick(); });
}

Result<void> MasterApp::start_devices() {
  if (config_.no_local) return {};
  OCT_TRY_ASSIGN(std::vector<std::unique_ptr<Device>> devices, open_devices(config_.devices, plan_));
  for (std::uint32_t i = 0; i < devices.size(); ++i) {
    locals_.push_back(std::make_unique<RenderWorker>(std::move(devices[i]), [this, i](RenderEvent event) {
      auto shared = std::make_shared<RenderEvent>(std::move(event));
      loop_.post([this, i, shared] { on_device_event(i, std::move(*shared)); });
    }));
    OCT_TRY(locals_.back()->upload(kSceneUpload, scene_->data()));
  }
  return {};
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
  watch_->text_line(fmt::format("Stopping: {} lease{} under way (CTRL-C again ends at once)", leases,
                                leases == 1 ? "" : "s"));
  feed(StopAsked{});
}

}  // namespace oct
