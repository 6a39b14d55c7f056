#include "slave/slave_app.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <random>
#include <utility>

#include "base/escaped.hpp"
#include "base/overloaded.hpp"
#include "base/priority.hpp"
#include "film/contribution_codec.hpp"
#include "report/device_words.hpp"
#include "slave/slave_words.hpp"
#include "wire/codec.hpp"
#include "wire/compression.hpp"
#include "wire/kernel_hash.hpp"
#include "wire/supervision.hpp"

namespace oct {
namespace {

constexpr Duration kTick = milliseconds(50);
constexpr Duration kReport = seconds(1);
constexpr Duration kLookForHung = milliseconds(500);

/// The error by which a device was lost, if that is what happened.
std::optional<Error> lost_by(const RenderWorker& worker, const Result<void>& result) {
  const bool tells_why = !result && result.error().kind != ErrorKind::cancelled;
  return tells_why && worker.is_lost() ? std::optional(result.error()) : std::nullopt;
}

}  // namespace

SlaveApp::SlaveApp(SlaveConfig config)
    : config_(std::move(config)),
      console_({.quiet = config_.quiet, .no_color = false}),
      log_(make_null_log()) {}

SlaveApp::~SlaveApp() {
  builder_.reset();
  workers_.clear();  // no event comes behind this
}

ExitCode SlaveApp::run() {
  if (config_.devices.low_priority) lower_process_priority();
  if (!config_.log_file.empty()) {
    auto log = make_file_log(config_.log_file, LogLevel::info);
    if (!log) {
      console_.error(log.error().message, log.error().help);
      return ExitCode::output;
    }
    log_ = *std::move(log);
  }
  if (auto opened = open_devices_of_this_computer(); !opened) {
    console_.error(opened.error().message, opened.error().help);
    if (!opening_ || finish_devices()) return ExitCode::device;
    log_.reset();
    std::_Exit(static_cast<int>(ExitCode::device));
  }
  SlaveCoreConfig core;
  core.name = config_.name.empty() ? host_name() : config_.name;
  core.master = master_ = {config_.master_address, config_.master_port};
  core.kernel_hash = kernel_hash();
  core.reads = readable_compressions();
  for (const auto& worker : workers_) core.devices.push_back(worker->info());
  for (const Digest& canary : canaries_) core.canaries.push_back({canary});
  core.once = config_.once;
  core.supervised = config_.supervised;
  core.warm = config_.warm;
  if (config_.timeout_seconds > 0) {
    core.timeout =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(config_.timeout_seconds));
  }
  core.jitter_seed = std::random_device{}();
  core_ = std::make_unique<SlaveCore>(core);
  awake_ = std::make_unique<StayAwake>(loop_, *log_, "octane_slave renders");

  packer_ = std::make_unique<WorkQueue>();
  open_cache();
  builder_ = std::make_unique<SceneBuilder>(
      needs_of_devices(), [] { return memory_limit(); }, config_.devices.threads,
      [this](SlaveEvent event) {
        auto shared = std::make_shared<SlaveEvent>(std::move(event));
        loop_.post([this, shared] { feed(std::move(*shared)); });
      },
      cache_.get());
  prepare_encryption(config_.access);
  loop_.on_signal([this](int) { on_signal(); });
  loop_.post([this] { feed(SlaveStarted{}); });
  if (config_.supervised) supervise();
  if (!config_.address_file.empty()) follow_address_file();
  loop_.run();
  const bool is_stuck = (address_watch_ && address_watch_->is_stuck()) || !finish_devices();
  if (is_stuck) {
    log_.reset();
    std::_Exit(static_cast<int>(exit_code_));  // nobody knows when that drive, or driver, answers
  }
  return exit_code_;
}

/// Side by side; one that fails or hangs is left out.
Result<void> SlaveApp::open_devices_of_this_computer() {
  OCT_TRY_ASSIGN(DevicePlan plan, plan_devices(config_.devices, list_cuda_devices()));
  const auto count = static_cast<std::uint32_t>(devices_of(plan).size());
  auto opened = std::make_shared<OpenedDevices>(count);
  device_numbers_.resize(count);
  has_both_formats_ = !plan.gpus.empty() && plan.cpu;
  opening_ = std::make_unique<DeviceOpening>(
      count, opener_of(config_.devices, plan, make_tree_store(config_.devices, has_both_formats_)),
      [this](std::uint32_t number) {
        return [this, number](RenderEvent event) {
          auto shared = std::make_shared<RenderEvent>(std::move(event));
          loop_.post(
              [this, number, shared] { on_device_event(device_numbers_[number], std::move(*shared)); });
        };
      },
      [opened](std::uint32_t number, Result<OpenedDevice> device) {
        opened->set(number, std::move(device));
      });
  opening_->finish(std::chrono::duration_cast<std::chrono::milliseconds>(DevicePatience().opening));
  OCT_TRY(use(opened->take(), plan));
  say(fmt::format("{:<11}{}", "Devices", devices_text(plan)));
  if (config_.access.key) say(fmt::format("{:<11}{}", "Farm", farm_text(config_.access.farm())));
  watch_timer_ = loop_.every(kLookForHung, [this] { look_for_hung(); });
  return {};
}

/// The error of the last one when there is none.
Result<void> SlaveApp::use(OpenedDevices::List opened, DevicePlan& plan) {
  const std::vector<DeviceInfo> infos = devices_of(plan);
  std::vector<std::pair<DeviceInfo, Error>> failed;
  std::vector<std::string> others;
  for (std::uint32_t number = 0; number < opened.size(); ++number) {
    Result<OpenedDevice> device =
        opened[number] ? *std::move(opened[number]) : fail(not_opened_error(infos[number]));
    if (!device) {
      failed.emplace_back(infos[number], std::move(device.error()));
      continue;
    }
    device_numbers_[number] = static_cast<std::uint32_t>(workers_.size());
    workers_.push_back(std::move(device->worker));
    canaries_.push_back(device->canary);
    watches_.emplace_back(DevicePatience(), steady_now());
    others.push_back(device_word(infos[number]));
  }
  if (workers_.empty()) return fail(failed.back().second);
  for (const auto& [info, error] : failed) {
    say_warning(left_out_text(error.message, device_word(info), others), error.help);
    if (info.kind == DeviceKind::cpu) {
      plan.cpu = false;
    } else {
      std::erase_if(plan.gpus, [index = info.index](const DeviceInfo& gpu) { return gpu.index == index; });
    }
  }
  return {};
}

void SlaveApp::look_for_hung() {
  const Instant now = steady_now();
  for (std::uint32_t device = 0; device < workers_.size(); ++device) {
    if (auto error = watches_[device].look(workers_[device]->info(), workers_[device].get(), now))
      feed(DeviceLost{device, *std::move(error), true});
  }
}

/// False when one hangs: its threads end with the process.
bool SlaveApp::finish_devices() {
  constexpr auto patience = std::chrono::seconds(5);
  bool all = !opening_ || opening_->finish(patience);
  for (const auto& worker : workers_) all = worker->finish(patience) && all;
  return all;
}

/// What they add to a scene in this computer's memory; that of GPUs is looked at when a scene is copied there.
MemoryNeeds SlaveApp::needs_of_devices() const {
  MemoryNeeds needs;
  for (const auto& worker : workers_) {
    const DeviceInfo& info = worker->info();
    if (info.kind == DeviceKind::cuda) needs.compact_trees = 1;
    if (info.kind == DeviceKind::cpu) {
      needs.wide_trees = 1;
      needs.cpu_threads += info.threads;
    }
    ++needs.local_devices;
  }
  if (has_both_formats_) needs.compact_trees = needs.wide_trees = 1;
  return needs;
}

/// Without one all goes on.
void SlaveApp::open_cache() {
  if (config_.cache_folder.empty()) return;
  const std::string farm = config_.access.key ? farm_text(config_.access.farm()) : "open";
  auto folder = ChunkFolder::open(config_.cache_folder, farm);
  if (!folder) return say_warning("the cache is not used: " + folder.error().message);
  constexpr std::uint64_t kMegabyte = 1'000'000;
  cache_ = std::make_unique<ChunkCache>(
      *std::move(folder), config_.cache_megabytes * kMegabyte,
      [this](const std::string& why) { loop_.post([this, why] { feed(CacheFailed{why}); }); });
}

void SlaveApp::feed(SlaveEvent event) {
  for (SlaveAction& action : core_->on(std::move(event), steady_now())) carry_out(action);
  awake_->set(core_->is_at_work());
}

void SlaveApp::on_device_event(std::uint32_t device, RenderEvent event) {
  if (watches_[device].found_hung()) return;  // it came back after all; what it had, others have by now
  if (auto* done = std::get_if<UploadDone>(&event)) {
    const auto error = lost_by(*workers_[device], done->result);
    feed(DeviceUploaded{device, done->upload_id, std::move(done->result)});
    if (error) feed(DeviceLost{device, *error});
  } else if (auto* ready = std::get_if<ContributionReady>(&event)) {
    feed(UnitsFinished{ready->lease_id, std::move(ready->contribution)});
  } else {
    auto& ended = std::get<LeaseDone>(event);
    const auto error = lost_by(*workers_[device], ended.result);
    feed(JobEnded{ended.lease_id, std::move(ended.result)});
    if (error) feed(DeviceLost{device, *error});
  }
}

void SlaveApp::carry_out(SlaveAction& action) {
  std::visit(
      Overloaded{
          [&](ConnectToMaster& connect) { connect_to(connect.master); },
          [&](SendToMaster& send) { this->send(send.message); },
          [&](EstablishMaster& establish) {
            if (connection_)
              connection_->established(establish.heartbeat, establish.dead, [this] { return progress(); });
          },
          [&](SendContributions& contributions) { pack(contributions); },
          [&](FinishMaster&) {
            outgoing_.push_back(std::make_shared<Slot>(Slot{Outgoing(Finish{}), 0}));
            pump();
          },
          [&](DropMaster&) { drop_master(); },
          [&](Rest& last) { rest(last); },
          [&](BeginScene& begin) { builder_->begin(std::move(begin)); },
          [&](StoreChunk& store) { builder_->store(std::move(store)); },
          [&](RebuildScene& rebuild) { builder_->rebuild(rebuild); },
          [&](CancelRebuild& cancel) { builder_->cancel_rebuild(cancel.build); },
          [&](ForgetScene& forget) { builder_->forget(forget.build); },
          [&](ReleaseSlot& release) { workers_[release.device]->release(release.slot); },
          [&](UploadScene& upload) {
            auto queued =
                workers_[upload.device]->upload(upload.slot, upload.build, builder_->data(upload.build));
            if (!queued) feed(DeviceUploaded{upload.device, upload.build, std::move(queued)});
          },
          [&](CancelUpload& cancel) { workers_[cancel.device]->cancel_upload(cancel.build); },
          [&](RenderUnits& render) {
            const std::uint64_t job = render.lease.id;
            auto queued = workers_[render.device]->render(render.slot, std::move(render.lease));
            if (!queued) feed(JobEnded{job, std::move(queued)});
          },
          [&](CancelJob& cancel) { workers_[cancel.device]->cancel_lease(cancel.job); },
          [&](const Say& said) { tell(said.news); },
          [&](EndSlave& last) { end(last); },
      },
      action);
}

// The connection.

void SlaveApp::connect_to(const Endpoint& master) {
  drop_master();
  let_time_pass();
  master_ = master;
  ConnectOptions options;
  options.host = master.address;
  options.port = master.port;
  options.access = config_.access;
  options.question.name = config_.name.empty() ? host_name() : config_.name;
  connecting_ = connect(
      loop_, std::move(options),
      [this](std::unique_ptr<Connection> connection) { on_connected(std::move(connection)); },
      [this](const ConnectFailure& failure) {
        const MasterNotReached event{failure.error, failure.word, failure.peer_version};
        connecting_.reset();
        feed(event);
      });
}

void SlaveApp::drop_master() {
  connecting_.reset();
  connection_.reset();
  outgoing_.clear();
}

void SlaveApp::on_connected(std::unique_ptr<Connection> connection) {
  connection_ = std::move(connection);
  ConnectionEvents events;
  events.on_packet = [this](Packet packet) { on_packet(std::move(packet)); };
  events.on_bulk_room = [this] { pump(); };
  events.on_closed = [this](const Error& error) {
    const Error copy = error;
    connection_.reset();
    outgoing_.clear();
    feed(MasterGone{copy});
  };
  connection_->start(std::move(events));
  feed(MasterReached{});
}

void SlaveApp::on_packet(Packet packet) {
  auto message = decode_render_message(std::move(packet));
  if (!message) return feed(MasterBroken{message.error().message});
  if (const auto* welcome = std::get_if<MasterWelcome>(&*message)) master_reads_ = welcome->reads;
  feed(MasterMessage{*std::move(message)});
}

/// Control goes at once; what must keep its place behind contributions waits in line with them.
void SlaveApp::send(RenderMessage& message) {
  if (!connection_) return;
  const bool control =
      std::visit([](const auto& concrete) { return concrete.kLane == Lane::control; }, message);
  if (control) return std::visit([this](const auto& concrete) { connection_->send(concrete); }, message);
  outgoing_.push_back(std::make_shared<Slot>(Slot{Outgoing(std::move(message)), 0}));
  pump();
}

void SlaveApp::pack(SendContributions& action) {
  if (!connection_) return;
  auto slot = std::make_shared<Slot>();
  outgoing_.push_back(slot);
  auto shared = std::make_shared<const SendContributions>(std::move(action));
  packer_->post([this, slot, shared, reads = master_reads_] {
    auto packets = std::make_shared<std::vector<FilmContributions>>(
        pack_contributions(shared->lease, shared->frame, shared->contributions, reads));
    loop_.post([this, slot, packets] {
      slot->ready = Outgoing(std::move(*packets));
      pump();
    });
  });
}

void SlaveApp::pump() {
  while (connection_ && !outgoing_.empty() && outgoing_.front()->ready && connection_->bulk_has_room()) {
    const std::shared_ptr<Slot> slot = outgoing_.front();
    if (auto* packets = std::get_if<std::vector<FilmContributions>>(&*slot->ready)) {
      if (slot->next < packets->size()) {
        connection_->send((*packets)[slot->next++]);
        continue;
      }
    } else if (auto* message = std::get_if<RenderMessage>(&*slot->ready)) {
      std::visit([this](const auto& concrete) { connection_->send(concrete); }, *message);
    } else {
      connection_->finish();
    }
    if (!outgoing_.empty()) outgoing_.pop_front();
  }
}

// The daemon that started us.

/// The end of the pipe from the daemon is its word to leave, or its own end.
void SlaveApp::supervise() {
  input_ = std::make_unique<InputLines>(
      loop_, InputEvents{.on_line = [this](const std::string& line) { obey(line); },
                         .on_end =
                             [this] {
                               if (!stop_asked_) leave();
                             }});
}

void SlaveApp::obey(const std::string& line) {
  const auto word = daemon_word_of(line);
  if (!word) return;  // of a newer daemon
  if (const auto* master = std::get_if<MasterWord>(&*word))
    return feed(MasterNamed{master->number, {master->address, master->port}});
  feed(RestAsked{});
}

/// Until the next word of the daemon nothing wakes this program.
void SlaveApp::rest(const Rest& action) {
  tell_of_loss();
  tick_.reset();
  progress_timer_.reset();
  watch_timer_.reset();
  if (action.error) {
    log_->error("slave", "{}", action.error->message);
    console_.error(action.error->message, action.error->help);
  }
  console_.wanted_line(line_of(SlaveRests{action.number, static_cast<int>(action.code), free_gpu_bytes()}));
}

/// The daemon ends a slave at rest whose scenes keep others from the GPU: it can see only the computer's memory.
std::optional<std::uint64_t> SlaveApp::free_gpu_bytes() const {
  std::optional<std::uint64_t> least;
  for (std::size_t device = 0; device < workers_.size(); ++device) {
    if (watches_[device].found_hung()) continue;  // nor would it answer this
    const auto bytes = workers_[device]->free_device_bytes();
    if (bytes && (!least || *bytes < *least)) least = bytes;
  }
  return least;
}

/// The core's time, and the heartbeat for the daemon.
void SlaveApp::let_time_pass() {
  if (!tick_) {
    tick_ = loop_.every(kTick, [this] {
      feed(SlaveTick{});
      tell_of_loss();
    });
  }
  if (!watch_timer_) watch_timer_ = loop_.every(kLookForHung, [this] { look_for_hung(); });
  if (!config_.supervised || progress_timer_) return;
  progress_timer_ = loop_.every(kReport, [this] { report_progress(); });
  loop_.post([this] { report_progress(); });
}

void SlaveApp::report_progress() {
  if (progress_timer_) console_.wanted_line(line_of(SlaveProgress{progress()}));
}

std::uint64_t SlaveApp::progress() const {
  std::uint64_t progress = core_->progress();
  for (const auto& worker : workers_) progress += worker->progress();
  return progress;
}

// The file that names the master.

void SlaveApp::follow_address_file() {
  let_time_pass();
  address_watch_ = std::make_unique<AddressWatch>(
      loop_, config_.address_file, [this](const AddressFollower::Step& step) { on_address(step); });
}

void SlaveApp::on_address(const AddressFollower::Step& step) {
  if (stop_asked_) return;
  if (step.news) tell(*step.news);
  if (step.master) feed(MasterMoved{*step.master});
  if (!step.is_over) return;
  address_watch_->stop();
  stop_asked_ = true;
  feed(SlaveStopAsked{});
}

// Ending.

void SlaveApp::on_signal() {
  if (stop_asked_) std::_Exit(static_cast<int>(ExitCode::done));
  leave();
}

void SlaveApp::stop() {
  loop_.post([this] {
    if (!stop_asked_) leave();
  });
}

void SlaveApp::leave() {
  stop_asked_ = true;
  say("Stopping: sending what is finished (CTRL-C again ends at once)");
  feed(SlaveStopAsked{});
}

void SlaveApp::end(EndSlave& action) {
  exit_code_ = action.code;
  if (action.error) {
    log_->error("slave", "{}", action.error->message);
    console_.error(action.error->message, action.error->help);
  }
  tell_of_loss();
  tick_.reset();
  progress_timer_.reset();
  awake_->set(false);
  loop_.stop();
}

void SlaveApp::say_warning(const std::string& text, const std::string& help) {
  log_->warning("slave", "{}{}{}", text, help.empty() ? "" : "; help: ", help);
  console_.warning(text, help);
}

void SlaveApp::tell(const SlaveNews& news) {
  const std::string words = words_of(news, master_.text());
  is_warning(news) ? say_warning(words, help_of(news)) : say(words);
}

void SlaveApp::say(const std::string& text) {
  log_->info("slave", "{}", text);
  console_.line(escaped(text));
}

/// A log that takes no more costs no render.
void SlaveApp::tell_of_loss() {
  if (const auto loss = log_->take_loss()) console_.warning(loss->message, loss->help);
}

}  // namespace oct
