#include "master/master_core.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/check.hpp"
#include "master/find_in.hpp"
#include "report/words.hpp"

namespace oct {
namespace {

// A century: no clock of ours counts further.
constexpr std::uint64_t kLongestWaitUs = 3'155'760'000'000'000;

}  // namespace

MasterCore::MasterCore(const MasterCoreConfig& config, Instant)
    : config_(config),
      desk_(config.dispatch, config.audit, frames_),
      locals_(config.local_devices, config.local_names),
      slaves_awaited_(config.wait_for_slaves > 0) {}

MasterActions MasterCore::on(MasterEvent event, Instant now) {
  // A frame that lacks nothing ends with the next event, so that whoever added it knows its number.
  const bool is_addition = std::holds_alternative<FrameAdded>(event);
  std::visit([&](auto& concrete) { on_event(concrete, now); }, event);
  if (!ended_ && !is_addition) end_what_is_over(now);
  if (!ended_) grant(now);
  return std::exchange(actions_, {});
}

// Frames.

void MasterCore::on_event(FrameAdded& event, Instant now) {
  if (ended_) return;
  if (!first_frame_) first_frame_ = now;
  FrameCore& frame = frames_.add(event.frame, event.settings, std::move(event.scene), std::move(event.rules));
  if (!event.filled.empty()) desk_.resume(frame, event.filled, event.history, now);
  for (const EarlierSource& source : event.history.sources) {
    if (shut_out_.contains(source.fingerprint)) clear_what_is_of(source.fingerprint, now);
  }
  fill_slots();
}

void MasterCore::on_event(NoMoreFrames&, Instant) {
  no_more_frames_ = true;
}

/// The oldest frames get the slots that are free, and all devices are told of them.
void MasterCore::fill_slots() {
  while (FrameCore* frame = frames_.take_slot()) {
    desk_.dispatcher().add_frame(*frame);
    for (std::uint32_t local = 0; local < locals_.all().size(); ++local) upload(local, frame->id);
    for (auto& [link, slave] : slaves_.all()) {
      if (slave.takes_messages()) announce(link, slave, frame->id);
    }
  }
}

void MasterCore::upload(std::uint32_t local, FrameId frame) {
  LocalDevice& device = locals_.all()[local];
  if (!device.key) return;  // not opened yet, or failed
  device.scenes[frame] = LocalDevice::Scene::uploading;
  act(UploadLocal{local, frames_.slot_of(frame), frame});
}

void MasterCore::announce(LinkId id, SlaveRecord& slave, FrameId frame) {
  slave.conversation.announce(frame, frames_.at(frame).scene);
  act(AnnounceFrame{id, frame});
}

void MasterCore::end_what_is_over(Instant now) {
  if (!stop_deadline_) desk_.ask_reference_for_overdue(now, actions_);
  for (const FrameId id : frames_.with_slot()) {
    FrameCore& frame = frames_.at(id);
    if (desk_.is_proved(frame)) {
      end_frame(id, EndReason::complete, now);
    } else if (!config_.network && !locals_.can_render(id)) {
      end_frame(id, EndReason::failed, now, no_device_left());
    }
  }
  const bool stopped = stop_deadline_ && (desk_.dispatcher().leases_held() == 0 || now >= *stop_deadline_);
  const std::optional<Error> error = stopped ? std::nullopt : missing_slaves(now);
  if (stopped || error) {
    while (!frames_.empty())
      end_frame(frames_.oldest(), stopped ? EndReason::stopped : EndReason::failed, now, error);
    return end_session(now);
  }
  if (frames_.empty() && no_more_frames_) end_session(now);
}

/// Whatever a device failed of, what is missing is a device.
Error MasterCore::no_device_left() const {
  Error error = locals_.error.value_or(no_device_error());
  if (error.kind != ErrorKind::internal) error.kind = ErrorKind::exhausted;
  return error;
}

std::optional<Error> MasterCore::missing_slaves(Instant now) const {
  const std::uint32_t here = accepted_slaves();
  if (!slaves_awaited_ || frames_.empty() || !first_frame_ || now - *first_frame_ < config_.wait_at_most ||
      here >= config_.wait_for_slaves)
    return std::nullopt;
  return slaves_missing_error(config_.wait_for_slaves, here, to_seconds(config_.wait_at_most));
}

void MasterCore::end_frame(FrameId id, EndReason reason, Instant now, std::optional<Error> error) {
  FilmUnits units = film_units(id);
  desk_.frame_ended(id, now, actions_);
  for (LocalDevice& local : locals_.all()) local.scenes.erase(id);
  if (frames_.has_slot(id)) {
    for (auto& [link, slave] : slaves_.all()) {
      slave.conversation.frame_ended(id);
      if (slave.takes_messages()) act(RetractFrame{link, id});
    }
  }
  const FrameCore& frame = frames_.at(id);
  const Ledger& ledger = frame.ledger;
  FrameEnded ended{id,
                   reason,
                   std::move(error),
                   ledger.samples_wanted(),
                   ledger.samples_merged(),
                   std::move(units.filled),
                   std::move(units.history),
                   ledger.tiles_cleared() > 0};
  std::tie(ended.least_samples, ended.most_samples) = ledger.wanted_samples_per_pixel();
  ended.closed_by_time = frame.is_closed_by_time();
  act(std::move(ended));
  frames_.end(id);
  if (!stop_deadline_ && reason != EndReason::stopped) fill_slots();
}

/// Nothing is granted while slaves are waited for.
void MasterCore::grant(Instant now) {
  if (slaves_awaited_ && accepted_slaves() < config_.wait_for_slaves) return;
  slaves_awaited_ = false;
  desk_.grant(now, actions_);
}

void MasterCore::end_session(Instant now) {
  ended_ = true;
  desk_.dispatcher().stop_granting();
  for (std::uint32_t local = 0; local < locals_.all().size(); ++local) {
    if (locals_.all()[local].key) act(CancelLocal{local});
  }
  for (auto& [id, slave] : slaves_.all()) {
    if (!slave.connected || slave.said_goodbye || slave.conversation.refused()) continue;
    if (slave.conversation.accepted()) {
      remove_devices(slave, now);
      slave.leases_lost = 0;  // nothing was wanted of them any more
      slave.said_goodbye = true;
      slave.end_doing = SlaveDoing::finished;
      act(SendToSlave{id, Goodbye{GoodbyeReason::finished, {}}});
      act(SlaveChanged{id});
    }
    act(FinishLink{id});
  }
  act(SessionEnded{});
}

void MasterCore::on_event(StopAsked&, Instant now) {
  if (stop_deadline_ || ended_) return;
  stop_deadline_ = now + config_.stop_grace;
  desk_.stop(actions_);
}

void MasterCore::on_event(Tick&, Instant now) {
  desk_.tick(now, actions_);
}

// Devices of this computer.

void MasterCore::on_event(LocalDeviceOpened& event, Instant now) {
  LocalDevice* device = locals_.find(event.local);
  if (device == nullptr) return;
  device->info = event.info;
  if (!event.canary) {
    LocalDeviceFailed failed{event.local, std::move(event.canary.error())};
    return on_event(failed, now);
  }
  if (*event.canary != config_.canary) return refuse_local(*device, event.info.name, {DeviceCheck::canary});
  Worker worker;
  worker.number = event.local;
  worker.name = event.info.name;
  worker.fills_at_once = event.info.kind == DeviceKind::cuda;
  worker.fingerprint = fingerprint(event.info);
  // The CPU of this computer is what others are compared with.
  worker.is_reference = event.info.kind == DeviceKind::cpu;
  const DeviceCheck* failed = find_in(shut_out_, worker.fingerprint);
  if (!worker.is_reference && failed != nullptr)
    return refuse_local(*device, event.info.name, {*failed, true});
  device->key = desk_.add(std::move(worker), now);
  for (const FrameId frame : frames_.with_slot()) upload(event.local, frame);
}

void MasterCore::refuse_local(LocalDevice& device, const std::string& name, DeviceVerdict verdict) {
  tell(notice::DeviceRefused{{}, {}, name, verdict, 0});
  device.failed = true;
  locals_.error = device_refused_error(name, verdict);
}

void MasterCore::on_event(LocalDeviceFailed& event, Instant) {
  LocalDevice* device = locals_.find(event.local);
  if (device == nullptr || device->failed) return;
  remove_local(*device);
  tell_left_out(event.local, event.error, std::nullopt);
  locals_.error = std::move(event.error);
}

void MasterCore::on_event(LocalUploaded& event, Instant now) {
  LocalDevice* device = locals_.find(event.local);
  if (device == nullptr || !device->key || !device->scenes.contains(event.frame)) return;
  if (event.result) {
    device->scenes[event.frame] = LocalDevice::Scene::ready;
    return desk_.dispatcher().set_ready(*device->key, event.frame);
  }
  device->scenes[event.frame] = LocalDevice::Scene::failed;
  desk_.set_not_ready(*device->key, event.frame, now);
  tell_left_out(event.local, event.result.error(), event.frame);
  locals_.error = std::move(event.result.error());
}

/// Of the last one the error tells that ends the render.
void MasterCore::tell_left_out(std::uint32_t local, const Error& error, std::optional<FrameId> frame) {
  std::vector<std::string> others = locals_.names_left(frame);
  if (others.empty() && !config_.network) return;
  tell(notice::LocalDeviceFailed{error, locals_.all()[local].name, std::move(others)});
}

void MasterCore::on_event(LocalAnswer& event, Instant now) {
  const LocalDevice* device = locals_.find(event.local);
  if (device != nullptr && device->key)
    answer(*device->key, event.lease_id, std::move(event.contribution), now);
}

void MasterCore::on_event(LocalLeaseEnded& event, Instant now) {
  const LocalDevice* device = locals_.find(event.local);
  if (device == nullptr || !device->key || !event.error) return;
  desk_.hand_back(*device->key, event.lease_id, now);
  if (event.error->kind == ErrorKind::cancelled) return;
  LocalDeviceFailed failed{event.local, std::move(*event.error)};
  on_event(failed, now);
}

void MasterCore::remove_local(LocalDevice& device) {
  device.failed = true;
  if (device.key) desk_.remove(*device.key);
  device.key.reset();
}

// Devices, wherever they are.

std::uint64_t& MasterCore::samples_of(const Worker& worker) {
  return worker.link ? slaves_.find(*worker.link)->samples : locals_.find(worker.number)->samples;
}

void MasterCore::answer(DeviceKey key, std::uint64_t lease_id, FilmContribution&& contribution, Instant now) {
  using Kind = LeaseDesk::Answered::Kind;
  const LeaseDesk::Answered answered = desk_.answer(key, lease_id, std::move(contribution), now, actions_);
  const Worker& worker = desk_.worker(key);
  samples_of(worker) += answered.samples;
  if (!worker.link) return;
  SlaveRecord& slave = *slaves_.find(*worker.link);
  slave.dropped += answered.kind == Kind::dropped || answered.kind == Kind::not_asked_for ? 1 : 0;
  slave.leases_merged += answered.ended_lease ? 1 : 0;
}

void MasterCore::remove_devices(SlaveRecord& slave, Instant now) {
  for (const DeviceKey key : SlaveRoster::close_devices(slave, view(now))) desk_.remove(key);
}

void MasterCore::on_event(ReferenceRendered& event, Instant now) {
  if (event.contribution) {
    for (const DeviceKey key : desk_.decide(event.frame, *event.contribution)) shut_out(key, now);
    return;
  }
  desk_.undecided(event.frame, event.units);
  if (event.contribution.error().kind != ErrorKind::cancelled)
    tell(notice::DeviceUnchecked{event.contribution.error()});
}

/// What it computed is wrong, so it is used no more, on whatever connection, and every tile that it had a part in, in
/// this run or an earlier one, is rendered again.
void MasterCore::shut_out(DeviceKey found, Instant now) {
  const DeviceFingerprint fingerprint = desk_.worker(found).fingerprint;
  shut_out_.try_emplace(fingerprint, DeviceCheck::audit);
  clear_what_is_of(fingerprint, now);
}

void MasterCore::clear_what_is_of(const DeviceFingerprint& fingerprint, Instant now) {
  for (const DeviceKey key : desk_.not_shut_out(fingerprint)) {
    Worker& worker = desk_.worker(key);
    worker.shut_out = true;
    const LeaseDesk::RenderedAgain again = desk_.render_again(key, actions_);
    for (const auto& [filler, samples] : again.samples) {
      if (const Worker* one = desk_.find_worker(filler)) samples_of(*one) -= samples;
    }
    if (!worker.is_of_earlier_run)
      stop_using(key, again.units, now);
    else if (again.tiles > 0)
      tell(notice::EarlierDeviceRefused{again.tiles});
  }
}

void MasterCore::stop_using(DeviceKey key, std::uint64_t units_rendered_again, Instant now) {
  const Worker& worker = desk_.worker(key);
  if (!worker.link) {
    tell(notice::DeviceRefused{{}, {}, worker.name, {DeviceCheck::audit}, units_rendered_again});
    act(CancelLocal{worker.number});
    remove_local(*locals_.find(worker.number));
    locals_.error = device_refused_error(worker.name, {DeviceCheck::audit});
    return;
  }
  SlaveRecord& slave = *slaves_.find(*worker.link);
  const std::uint32_t device = worker.number;
  const LinkId link = *worker.link;
  std::erase_if(slave.keys, [&](const auto& entry) { return entry.second == key; });
  refuse(slave, device, {DeviceCheck::audit}, units_rendered_again);
  desk_.remove(key);
  send_away_if_useless(link, slave, device, {DeviceCheck::audit}, now);
}

// Slaves.

void MasterCore::on_event(LinkOpened& event, Instant now) {
  slaves_.open(event.link, SlaveRecord(SlaveLink(config_.link, event.address), event.same_computer, now));
}

void MasterCore::on_event(LinkMessage& event, Instant now) {
  SlaveRecord* slave = slaves_.find(event.link);
  if (slave == nullptr || !slave->connected) return;
  if (const auto* message = std::get_if<LeaseReturn>(&event.message)) {
    if (slave->conversation.accepted()) return on_lease_return(*slave, *message, now);
  }
  if (const auto* heartbeat = std::get_if<Heartbeat>(&event.message)) measure_rate(*slave, *heartbeat, now);
  const bool full = accepted_slaves() >= kMaxConnections;
  apply(event.link, *slave, slave->conversation.on(event.message, full, stop_deadline_.has_value() || ended_),
        now);
}

/// Carries out what a conversation asks for.
void MasterCore::apply(LinkId id, SlaveRecord& slave, LinkActions&& actions, Instant now) {
  for (RenderMessage& message : actions.send) act(SendToSlave{id, std::move(message)});
  if (actions.established) {
    slave.joined = now;
    slave.rate = LinkRate(now);
    act(EstablishLink{id});
    for (const FrameId frame : frames_.with_slot()) announce(id, slave, frame);
  }
  if (!actions.send_chunks.empty()) act(SendChunks{id, actions.chunks_of, std::move(actions.send_chunks)});
  for (const DeviceOfFrame& ready : actions.devices_ready) device_ready(id, slave, ready, now);
  for (const DeviceOfFrame& failed : actions.devices_failed) {
    if (const DeviceKey* key = find_in(slave.keys, failed.device))
      slave.leases_returned += desk_.set_not_ready(*key, failed.frame, now);
  }
  if (actions.progress) {
    slave.last_progress = now;
    for (const auto& [device, key] : slave.keys) desk_.dispatcher().touch(key, now);
  }
  if (actions.notice) tell(*std::move(actions.notice));
  if (actions.left || (actions.finish && !slave.conversation.refused())) {
    remove_devices(slave, now);
    slave.said_goodbye = true;
    slave.end_doing = SlaveDoing::left;
    slave.end = std::move(actions.end);
  }
  if (actions.finish) act(FinishLink{id});
  act(SlaveChanged{id});
}

void MasterCore::device_ready(LinkId id, SlaveRecord& slave, DeviceOfFrame ready, Instant now) {
  const DeviceKey* known = find_in(slave.keys, ready.device);
  if (known == nullptr) {
    if (slave.refused.contains(ready.device)) return;
    const SlaveHello& hello = slave.conversation.hello();
    if (const DeviceCheck* failed = find_in(shut_out_, fingerprint(slave, ready.device)))
      return refuse_known(id, slave, ready.device, *failed, now);
    if (hello.canaries[ready.device].digest != config_.canary)
      return refuse_canary(id, slave, ready.device, now);
    if (slave.keys.empty()) slave.ready_at = now;
    Worker worker;
    worker.link = id;
    worker.number = ready.device;
    worker.name = hello.devices[ready.device].name;
    worker.fingerprint = fingerprint(slave, ready.device);
    slave.keys[ready.device] = desk_.add(std::move(worker), now);
  }
  desk_.dispatcher().set_ready(slave.keys.at(ready.device), ready.frame);
}

/// Its device does not even compute what every device of every release does.
void MasterCore::refuse_canary(LinkId id, SlaveRecord& slave, std::uint32_t device, Instant now) {
  shut_out_.try_emplace(fingerprint(slave, device), DeviceCheck::canary);
  refuse(slave, device, {DeviceCheck::canary}, 0);
  send_away_if_useless(id, slave, device, {DeviceCheck::canary}, now);
}

/// It was not checked: who cannot be told from it was found wrong before. Whoever is sent away with its slave is told of by
/// that.
void MasterCore::refuse_known(LinkId id, SlaveRecord& slave, std::uint32_t device, DeviceCheck failed,
                              Instant now) {
  const DeviceVerdict verdict{failed, true};
  send_away_if_useless(id, slave, device, verdict, now);
  if (slave.takes_messages()) refuse(slave, device, verdict, 0);
}

/// People are told once for each connection.
void MasterCore::refuse(SlaveRecord& slave, std::uint32_t device, DeviceVerdict verdict,
                        std::uint64_t units_rendered_again) {
  slave.refused.insert(device);
  tell(notice::DeviceRefused{slave.conversation.name(), slave.conversation.address(),
                             slave.conversation.devices()[device].name, verdict, units_rendered_again});
}

/// A slave all of whose devices were found wrong, now or on an earlier connection.
void MasterCore::send_away_if_useless(LinkId id, SlaveRecord& slave, std::uint32_t device,
                                      DeviceVerdict verdict, Instant now) {
  if (!slave.takes_messages()) return;
  for (std::uint32_t other = 0; other < slave.conversation.devices().size(); ++other) {
    if (!is_shut_out(slave, other)) return;
  }
  SlaveFault fault{SlaveFault::Kind::wrong_device, slave.conversation.devices()[device].name, verdict};
  apply(id, slave, slave.conversation.reject(std::move(fault)), now);
}

bool MasterCore::is_shut_out(const SlaveRecord& slave, std::uint32_t device) const {
  return shut_out_.contains(fingerprint(slave, device));
}

DeviceFingerprint MasterCore::fingerprint(const SlaveRecord& slave, std::uint32_t device) const {
  const std::string& computer = slave.same_computer ? config_.computer : slave.conversation.address();
  return fingerprint_of({computer, slave.same_computer, true}, slave.conversation.devices().at(device));
}

DeviceFingerprint MasterCore::fingerprint(const DeviceInfo& local) const {
  return fingerprint_of({config_.computer, true, false}, local);
}

void MasterCore::on_event(LinkAnswers& event, Instant now) {
  SlaveRecord* slave = slaves_.find(event.link);
  if (slave == nullptr || !slave->connected || !slave->conversation.accepted()) return;
  slave->bytes_in += event.bytes;
  if (!event.contributions.empty()) {
    std::uint64_t passes = 0;
    for (const FilmContribution& contribution : event.contributions)
      passes += contribution.units.last_pass - contribution.units.first_pass;
    slave->rate.add(event.bytes, event.bytes * passes / event.contributions.size());
  }
  slave->last_progress = now;
  const std::optional<DeviceKey> key = worker_of_lease(*slave, event.lease_id);
  if (!key || desk_.dispatcher().lease(*key, event.lease_id)->frame != event.frame) {
    // Of a device that was removed, or of a frame that ended, meanwhile.
    slave->dropped += static_cast<std::uint32_t>(event.contributions.size());
    return;
  }
  for (FilmContribution& contribution : event.contributions)
    answer(*key, event.lease_id, std::move(contribution), now);
}

/// A slave of this computer uses no network, whatever it waits for.
void MasterCore::measure_rate(SlaveRecord& slave, const Heartbeat& heartbeat, Instant now) {
  if (slave.same_computer) return;
  slave.rate.waited(std::chrono::microseconds(std::min(heartbeat.waited_us, kLongestWaitUs)), now);
  for (const auto& [device, key] : slave.keys) desk_.dispatcher().set_network_bound(key, slave.rate.bound());
}

void MasterCore::on_event(LinkBroken& event, Instant now) {
  SlaveRecord* slave = slaves_.find(event.link);
  if (slave == nullptr || !slave->connected) return;
  apply(event.link, *slave, slave->conversation.reject({SlaveFault::Kind::invalid_data, event.why}), now);
}

/// Small packets pass and large ones do not, where a slave is here for long and lacks everything all the time; where it
/// got what is small, and then for long nothing more; or where it has leases and falls silent before anything of it comes.
SlaveLoss MasterCore::loss_of(const SlaveRecord& slave, const Error& error, std::uint32_t leases,
                              Instant now) const {
  SlaveLoss loss;
  loss.error = error.message;
  loss.leases_returned = leases;
  const Duration long_enough = config_.link.deadlines.dead / 2;
  if (now - slave.joined < long_enough) return loss;
  const SlaveLink& link = slave.conversation;
  const bool silent = now - slave.last_progress >= long_enough;
  const std::uint64_t total = link.bytes_total(), missing = std::min(total, link.bytes_missing());
  loss.nothing_arrived = total > 0 && missing == total;
  if (missing > 0 && missing < total && silent)
    loss.stood_still_at = static_cast<std::uint32_t>(100 * (total - missing) / total);
  loss.nothing_came = leases > 0 && silent && slave.leases_merged == 0 && slave.samples == 0;
  return loss;
}

void MasterCore::on_event(LinkClosed& event, Instant now) {
  SlaveRecord* slave = slaves_.find(event.link);
  if (slave == nullptr) return;
  const bool said_hello =
      slave->conversation.accepted() || slave->conversation.refused() || slave->said_goodbye;
  remove_devices(*slave, now);
  const std::uint32_t leases_lost = std::exchange(slave->leases_lost, 0);
  slave->leases_returned += leases_lost;
  slave->connected = false;
  if (!said_hello) return slaves_.forget(event.link);  // a stranger; the listener's log has it
  if (!slave->said_goodbye && !slave->conversation.refused()) {
    slave->end_doing = SlaveDoing::lost;
    const SlaveLoss loss = loss_of(*slave, event.error, leases_lost, now);
    slave->end = loss;
    tell(notice::SlaveLost{slave->conversation.name(), loss, slave->conversation.address()});
  }
  act(SlaveChanged{event.link});
}

void MasterCore::on_event(ChunkSent& event, Instant now) {
  if (SlaveRecord* slave = slaves_.find(event.link)) {
    slave->conversation.chunk_sent();
    slave->last_progress = now;
  }
}

void MasterCore::on_lease_return(SlaveRecord& slave, const LeaseReturn& message, Instant now) {
  const std::optional<DeviceKey> key = worker_of_lease(slave, message.lease);
  if (!key) return;  // answered whole, or its device or frame is gone
  // One that was recalled because others had answered it is no loss.
  if (desk_.hand_back(*key, message.lease, now) > 0) ++slave.leases_returned;
}

std::optional<DeviceKey> MasterCore::worker_of_lease(const SlaveRecord& slave, std::uint64_t lease_id) const {
  for (const auto& [device, key] : slave.keys) {
    if (desk_.dispatcher().lease(key, lease_id) != nullptr) return key;
  }
  return std::nullopt;
}

// What is known.

const Ledger* MasterCore::ledger(FrameId frame) const {
  const FrameCore* found = frames_.find(frame);
  return found == nullptr ? nullptr : &found->ledger;
}

FilmUnits MasterCore::film_units(FrameId frame) const {
  const FrameCore& core = *frames_.find(frame);
  return {core.ledger.filled(), desk_.history(core)};
}

std::uint32_t MasterCore::slaves_awaited() const {
  if (ended_ || frames_.empty()) return 0;
  if (slaves_awaited_) return config_.wait_for_slaves;
  return config_.network && !locals_.any_left() && accepted_slaves() == 0 ? 1 : 0;
}

SlaveRoster::View MasterCore::view(Instant now) const {
  return {desk_.dispatcher(), config_.dispatch.suspect_after, stop_deadline_.has_value(), now};
}

std::vector<SlaveStatus> MasterCore::slaves(Instant now) const {
  return slaves_.statuses(view(now));
}

std::optional<SlaveStatus> MasterCore::slave(LinkId link, Instant now) const {
  return slaves_.status(link, view(now));
}

}  // namespace oct
