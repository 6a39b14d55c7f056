#include "master/session.hpp"

#include <random>
#include <utility>

#include "device/canary.hpp"
#include "report/computers.hpp"
#include "report/progress.hpp"
#include "wire/compression.hpp"
#include "wire/kernel_hash.hpp"

namespace oct {
namespace {

constexpr Duration kCoreTick = milliseconds(100);

MasterCoreConfig core_config(const SessionConfig& config) {
  MasterCoreConfig core;
  core.link.master_name = config.network.nick_name.empty() ? host_name() : config.network.nick_name;
  core.computer = host_name();
  core.link.kernel_hash = kernel_hash();
  core.link.reads = readable_compressions();
  core.link.deadlines = config.network.deadlines;
  core.dispatch.suspect_after = config.network.deadlines.suspect;
  core.audit = config.audit;
  if (core.audit.seed == 0)
    core.audit.seed = (std::uint64_t{std::random_device{}()} << 32) | std::random_device{}();
  core.canary = expected_canary();
  if (!config.no_local) {
    for (const DeviceInfo& device : devices_of(config.plan)) core.local_names.push_back(device_word(device));
    core.local_devices = static_cast<std::uint32_t>(core.local_names.size());
  }
  core.network = config.network.enable;
  core.wait_for_slaves = config.network.wait_for_slaves;
  core.wait_at_most =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(config.network.wait_seconds));
  return core;
}

template <class Owner, class Action>
concept CarriesOut = requires(Owner& owner, Action& action) {
  owner.carry_out(action);
};

}  // namespace

Session::Session(EventLoop& loop, const SessionConfig& config, RenderReport& report, Events events)
    : loop_(loop),
      report_(report),
      events_(std::move(events)),
      core_(std::make_unique<MasterCore>(core_config(config), steady_now())),
      locals_(std::make_unique<LocalDevices>(
          loop, config.devices,
          [this](FrameId frame) {
            const auto found = frames_.find(frame);
            return found == frames_.end() ? RenderDataPtr() : found->second.scene->data();
          },
          [this](MasterEvent event) { feed(std::move(event)); })) {}

Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::open(EventLoop& loop, WorkQueue& workers,
                                               const SessionConfig& config, RenderReport& report,
                                               Events events) {
  std::unique_ptr<Session> session(new Session(loop, config, report, std::move(events)));
  if (config.network.enable) {
    OCT_TRY_ASSIGN(session->network_,
                   RenderNetwork::open(loop, workers, config.network, !config.no_local, report,
                                       [self = session.get()] { return self->core_->slaves(steady_now()); }));
  }
  if (!config.no_local) session->locals_->open(config.plan, config.audit.percent > 0);
  return session;
}

void Session::begin() {
  if (network_) network_->begin([this](MasterEvent event) { feed(std::move(event)); });
  tick_ = loop_.every(kCoreTick, [this] { feed(Tick{}); });
}

FrameId Session::add(SessionFrame frame) {
  const FrameId id = ++last_frame_;
  const Manifest& manifest = frame.scene->manifest();
  FrameAdded added;
  added.frame = id;
  added.settings = frame.scene->data()->settings.front();
  added.filled = frame.filled;
  added.history = frame.history;
  added.rules = std::move(frame.rules);
  if (network_) {
    added.scene.bytes = frame.scene->distinct_bytes();
    added.scene.chunks.insert(manifest.chunks.begin(), manifest.chunks.end());
    network_->server().serve(id, frame.scene, frame.packed_sample);
  }
  frames_.emplace(id, std::move(frame));
  feed(std::move(added));
  return id;
}

void Session::feed(MasterEvent event) {
  for (MasterAction& action : core_->on(std::move(event), steady_now()))
    std::visit([this](auto& concrete) { carry_out(concrete); }, action);
}

template <class Action>
void Session::carry_out(Action& action) {
  if constexpr (CarriesOut<LocalDevices, Action>) {
    locals_->carry_out(action);
  } else {
    network_->server().carry_out(action);
  }
}

void Session::carry_out(MergeIntoFilm& action) {
  if (!first_samples_) first_samples_ = steady_now();
  frames_.at(action.frame).film->merge(std::move(action.contribution));
}

void Session::carry_out(ClearTile& action) {
  frames_.at(action.frame).film->clear_tile(action.tile);
}

void Session::carry_out(Tell& action) {
  report_.tell(action.notice);
}

void Session::carry_out(SlaveChanged& action) {
  auto status = core_->slave(action.link, steady_now());
  if (!status) return;
  network_->complete(*status);
  report_.slave(*status);
}

void Session::carry_out(FrameEnded& action) {
  events_.on_frame_ended(action);
  locals_->frame_ended(action.frame);
  if (network_) network_->server().frame_ended(action.frame);
  frames_.erase(action.frame);
}

void Session::carry_out(SessionEnded&) {
  tick_.reset();
  if (network_) network_->release();
  events_.on_ended();
}

RenderStatus Session::status(FrameId frame) const {
  RenderStatus status;
  if (const Ledger* ledger = core_->ledger(frame)) {
    const RenderSettings& settings = ledger->settings();
    status.samples_merged = ledger->samples_merged();
    status.samples_wanted = ledger->samples_wanted();
    status.pixels = std::uint64_t{settings.width} * settings.height;
    status.samples_per_pixel_wanted = settings.samples_per_pixel;
    status.frames_done = ledger->complete() ? 1 : 0;
  }
  status.samples_per_second = core_->samples_per_second();
  status.devices = core_->local_devices();
  status.slaves = core_->slaves(steady_now());
  if (network_) {
    for (SlaveStatus& slave : status.slaves) network_->complete(slave);
    if (const std::uint32_t wanted = core_->slaves_awaited())
      status.waiting = network_->wait(core_->accepted_slaves(), wanted);
    status.network = totals_of(status.slaves);
    status.slaves = one_for_each_computer(status.slaves);
  }
  return status;
}

void Session::tell_progress(Instant now) {
  if (!network_) return;
  for (SlaveStatus& slave : core_->slaves(now)) {
    if (!slave.connected) continue;
    network_->complete(slave);
    report_.slave(slave);
  }
  network_->remind(core_->slaves_awaited() > 0, now);
}

}  // namespace oct
