#include "master/master_core.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "master/find_in.hpp"
#include "report/words.hpp"

namespace oct {
namespace {

// A century: no clock of ours counts further.
constexpr std::uint64_t kLongestWaitUs = 3'155'760'000'000'000;

/// The same for every connection of the same computer. Its name alone is not enough: two cards may have the same.
std::string identity_of(const SlaveRecord& slave, std::uint32_t device) {
  const DeviceInfo& info = slave.conversation.devices().at(device);
  return fmt::format("{} {} {} {}", slave.conversation.address(), static_cast<std::uint32_t>(info.kind),
                     info.index, info.name);
}

}  // namespace

MasterCore::MasterCore(const MasterCoreConfig& config, Instant)
    : config_(config),
      dispatcher_(config.dispatch),
      auditor_(config.audit),
      locals_(config.local_devices),
      slaves_awaited_(config.wait_for_slaves > 0) {}

MasterActions MasterCore::on(MasterEvent event, Instant now) {
  std::visit([&](auto& concrete) { on_event(concrete, now); }, event);
  if (!ended_) end_what_is_over(now);
  if (!ended_) grant(now);
  return std::exchange(actions_, {});
}

// Frames.

void MasterCore::on_event(FrameAdded& event, Instant now) {
  if (ended_) return;
  OCT_CHECK(frames_.empty() || event.frame > frames_.rbegin()->first);
  if (!first_frame_) first_frame_ = now;
  const auto frame = frames_
                         .emplace(std::piecewise_construct, std::forward_as_tuple(event.frame),
                                  std::forward_as_tuple(event.frame, event.settings, std::move(event.scene)))
                         .first;
  if (!event.filled.empty()) frame->second.ledger.restore(event.filled);
  fill_slots();
}

void MasterCore::on_event(NoMoreFrames&, Instant) {
  no_more_frames_ = true;
}

/// The oldest frames get the slots that are free, and all devices are told of them.
void MasterCore::fill_slots() {
  for (auto& [id, frame] : frames_) {
    if (std::find(slots_.begin(), slots_.end(), id) != slots_.end()) continue;
    const auto free = std::find(slots_.begin(), slots_.end(), kNoFrame);
    if (free == slots_.end()) return;
    *free = id;
    dispatcher_.add_frame(frame);
    for (std::uint32_t local = 0; local < locals_.all().size(); ++local) upload(local, id);
    for (auto& [link, slave] : slaves_.all()) {
      if (slave.takes_messages()) announce(link, slave, id);
    }
  }
}

std::uint32_t MasterCore::slot_of(FrameId frame) const {
  const auto found = std::find(slots_.begin(), slots_.end(), frame);
  OCT_CHECK(found != slots_.end());
  return static_cast<std::uint32_t>(found - slots_.begin());
}

void MasterCore::upload(std::uint32_t local, FrameId frame) {
  LocalDevice& device = locals_.all()[local];
  if (!device.key) return;  // not opened yet, or failed
  device.scenes[frame] = LocalDevice::Scene::uploading;
  act(UploadLocal{local, slot_of(frame), frame});
}

void MasterCore::announce(LinkId id, SlaveRecord& slave, FrameId frame) {
  slave.conversation.announce(frame, frames_.at(frame).scene);
  act(AnnounceFrame{id, frame});
}

/// Every sample is merged, and whoever had a part in it has passed the audits that were chosen by then, those of the
/// next frame, too: a device may have begun with that.
bool MasterCore::is_complete(FrameCore& frame) const {
  if (!frame.ledger.complete()) {
    frame.chosen_before_complete.reset();
    return false;
  }
  if (stop_deadline_) return true;
  if (!frame.chosen_before_complete) frame.chosen_before_complete = auditor_.units_chosen();
  return !auditor_.may_change(frame.id, frame.ledger, *frame.chosen_before_complete);
}

bool MasterCore::is_any_waiting_for_audits() const {
  return std::any_of(slots_.begin(), slots_.end(), [&](FrameId id) {
    return id != kNoFrame && frames_.at(id).chosen_before_complete.has_value();
  });
}

void MasterCore::end_what_is_over(Instant now) {
  ask_reference_for_overdue(now);
  for (const FrameId id : slots_) {
    if (id == kNoFrame) continue;
    if (is_complete(frames_.at(id))) {
      end_frame(id, EndReason::complete, now);
    } else if (!config_.network && !locals_.can_render(id)) {
      end_frame(id, EndReason::failed, now, no_device_left());
    }
  }
  if (stop_deadline_ && (dispatcher_.leases_held() == 0 || now >= *stop_deadline_)) {
    while (!frames_.empty()) end_frame(frames_.begin()->first, EndReason::stopped, now);
    return end_session(now);
  }
  if (const std::optional<Error> error = missing_slaves(now)) {
    while (!frames_.empty()) end_frame(frames_.begin()->first, EndReason::failed, now, error);
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
  if (!slaves_awaited_ || !first_frame_ || now - *first_frame_ < config_.wait_at_most ||
      here >= config_.wait_for_slaves)
    return std::nullopt;
  return slaves_missing_error(config_.wait_for_slaves, here, to_seconds(config_.wait_at_most));
}

void MasterCore::end_frame(FrameId id, EndReason reason, Instant now, std::optional<Error> error) {
  for (const auto& [key, lease] : dispatcher_.remove_frame(id, now)) recall(key, lease);
  auditor_.forget_frame(id);
  for (LocalDevice& local : locals_.all()) local.scenes.erase(id);
  const bool had_slot = std::find(slots_.begin(), slots_.end(), id) != slots_.end();
  if (had_slot) {
    slots_[slot_of(id)] = kNoFrame;
    for (auto& [link, slave] : slaves_.all()) {
      slave.conversation.frame_ended(id);
      if (slave.takes_messages()) act(RetractFrame{link, id});
    }
  }
  const Ledger& ledger = frames_.at(id).ledger;
  act(FrameEnded{id, reason, std::move(error), ledger.samples_wanted(), ledger.samples_merged(),
                 ledger.filled()});
  frames_.erase(id);
  if (had_slot && !stop_deadline_) fill_slots();
}

void MasterCore::end_session(Instant now) {
  ended_ = true;
  dispatcher_.stop_granting();
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
  dispatcher_.stop_granting();
  for (const auto& [key, worker] : workers_) {
    for (const std::uint64_t lease : dispatcher_.leases_of(key)) recall(key, lease);
  }
}

void MasterCore::on_event(Tick&, Instant now) {
  for (const DeviceKey key : dispatcher_.tick(now)) {
    for (const std::uint64_t lease : dispatcher_.leases_of(key)) give_back_audits(key, lease);
  }
  recall_superseded();
}

// Devices of this computer.

void MasterCore::on_event(LocalDeviceOpened& event, Instant now) {
  LocalDevice* device = locals_.find(event.local);
  if (device == nullptr) return;
  device->info = event.info;
  if (!event.canary || *event.canary != config_.canary) {
    tell(notice::DeviceRefused{{}, {}, event.info.name, DeviceCheck::canary, 0});
    device->failed = true;
    locals_.error = device_refused_error(event.info.name, DeviceCheck::canary);
    return;
  }
  device->key = add_worker(std::nullopt, event.local, event.info.name, now);
  for (const FrameId frame : slots_) {
    if (frame != kNoFrame) upload(event.local, frame);
  }
}

void MasterCore::on_event(LocalDeviceFailed& event, Instant now) {
  LocalDevice* device = locals_.find(event.local);
  if (device == nullptr || device->failed) return;
  remove_local(event.local, now);
  const bool others = std::any_of(locals_.all().begin(), locals_.all().end(),
                                  [](const LocalDevice& local) { return !local.failed; });
  if (others || config_.network) tell(notice::LocalDeviceFailed{event.error});
  locals_.error = std::move(event.error);
}

void MasterCore::on_event(LocalUploaded& event, Instant now) {
  LocalDevice* device = locals_.find(event.local);
  if (device == nullptr || !device->key || !device->scenes.contains(event.frame)) return;
  if (event.result) {
    device->scenes[event.frame] = LocalDevice::Scene::ready;
    return dispatcher_.set_ready(*device->key, event.frame);
  }
  device->scenes[event.frame] = LocalDevice::Scene::failed;
  dispatcher_.set_not_ready(*device->key, event.frame, now);
  if (locals_.can_render(event.frame) || config_.network)
    tell(notice::LocalDeviceFailed{event.result.error()});
  locals_.error = std::move(event.result.error());
}

void MasterCore::on_event(LocalAnswer& event, Instant now) {
  const LocalDevice* device = locals_.find(event.local);
  if (device != nullptr && device->key)
    answer(*device->key, event.lease_id, std::move(event.contribution), now);
}

void MasterCore::on_event(LocalLeaseEnded& event, Instant now) {
  const LocalDevice* device = locals_.find(event.local);
  if (device == nullptr || !device->key || !event.error) return;
  give_back_audits(*device->key, event.lease_id);
  dispatcher_.hand_back(*device->key, event.lease_id, now);
  if (event.error->kind == ErrorKind::cancelled) return;
  LocalDeviceFailed failed{event.local, std::move(*event.error)};
  on_event(failed, now);
}

void MasterCore::remove_local(std::uint32_t local, Instant) {
  LocalDevice& device = locals_.all()[local];
  device.failed = true;
  if (!device.key) return;
  remove_device(*device.key);
  device.key.reset();
}

// Devices, wherever they are.

DeviceKey MasterCore::add_worker(std::optional<LinkId> link, std::uint32_t number, const std::string& name,
                                 Instant now) {
  const DeviceKey key = dispatcher_.add_device(now);
  // The CPU of this computer is what others are compared with.
  const bool is_reference = !link && locals_.all()[number].info->kind == DeviceKind::cpu;
  workers_.emplace(key, Worker{link, number, name, is_reference, false});
  return key;
}

void MasterCore::remove_device(DeviceKey key) {
  for (const std::uint64_t lease : dispatcher_.leases_of(key)) give_back_audits(key, lease);
  dispatcher_.remove_device(key);
}

void MasterCore::remove_devices(SlaveRecord& slave, Instant now) {
  for (const DeviceKey key : SlaveRoster::close_devices(slave, view(now))) remove_device(key);
}

/// What it computed is wrong, so it is used no more, and every tile that it had a part in is rendered again.
void MasterCore::shut_out(DeviceKey key, DeviceCheck check, std::uint64_t units_again, Instant now) {
  Worker& worker = workers_.at(key);
  if (std::exchange(worker.shut_out, true)) return;
  if (!worker.link) {
    tell(notice::DeviceRefused{{}, {}, worker.name, check, units_again});
    act(CancelLocal{worker.number});
    remove_local(worker.number, now);
    locals_.error = device_refused_error(worker.name, check);
    return;
  }
  SlaveRecord& slave = *slaves_.find(*worker.link);
  shut_out_.insert(identity_of(slave, worker.number));
  tell(notice::DeviceRefused{slave.conversation.name(), slave.conversation.address(), worker.name, check,
                             units_again});
  std::erase_if(slave.keys, [&](const auto& entry) { return entry.second == key; });
  remove_device(key);
  if (slave.keys.empty() && slave.takes_messages()) {
    SlaveFault fault{SlaveFault::Kind::wrong_device, worker.name, check};
    apply(*worker.link, slave, slave.conversation.reject(std::move(fault)), now);
  }
}

/// Zeroes every tile that this device filled a unit of, in all frames under way. Returns the units that it had filled.
std::uint64_t MasterCore::render_again(DeviceKey source) {
  std::uint64_t units = 0;
  for (auto& [id, frame] : frames_) {
    for (const std::uint32_t tile : frame.ledger.tiles_of(source)) {
      for (std::uint32_t pass = 0; pass < frame.ledger.passes(); ++pass)
        units += frame.ledger.source_of(tile, pass) == source ? 1 : 0;
      for (const auto& [filler, samples] : frame.ledger.clear_tile(tile)) {
        const Worker* worker = find_in(workers_, filler);
        if (worker == nullptr) continue;  // a film file's
        (worker->link ? slaves_.find(*worker->link)->samples : locals_.find(worker->number)->samples) -=
            samples;
      }
      frame.pool.tile_cleared(tile);
      for (const Disagreement& asked : auditor_.tile_cleared(id, tile, source))
        act(RenderReference{asked.frame, slot_of(asked.frame), asked.units});
      act(ClearTile{id, tile});
    }
  }
  return units;
}

// Answers.

void MasterCore::answer(DeviceKey key, std::uint64_t lease_id, FilmContribution&& contribution, Instant now) {
  dispatcher_.touch(key, now);
  const Worker& worker = workers_.at(key);
  SlaveRecord* slave = worker.link ? slaves_.find(*worker.link) : nullptr;
  const HeldUnits* held = dispatcher_.units(key, lease_id, contribution.units);
  if (held == nullptr) {  // what no lease asked for, or of a frame that has ended
    if (slave != nullptr) ++slave->dropped;
    return;
  }
  const FrameId frame = dispatcher_.lease(key, lease_id)->frame;
  const bool audit = held->audit;
  const UnitRange units = contribution.units;
  const std::uint32_t leases_before = dispatcher_.leases_held(key);
  // Merged before it is settled, so that the dispatcher never sees it as missing.
  if (!audit) merge(key, frames_.at(frame), std::move(contribution), now);
  dispatcher_.settle(key, lease_id, units, now);
  if (slave != nullptr && dispatcher_.leases_held(key) < leases_before) ++slave->leases_merged;
  if (audit) compare(key, frame, contribution);
}

void MasterCore::merge(DeviceKey key, FrameCore& frame, FilmContribution&& contribution, Instant now) {
  const Worker& worker = workers_.at(key);
  SlaveRecord* slave = worker.link ? slaves_.find(*worker.link) : nullptr;
  if (frame.ledger.offer(contribution, key) != Offered::accepted) {
    if (slave != nullptr) ++slave->dropped;
    return;
  }
  const std::uint64_t samples = frame.ledger.samples_in(contribution.units);
  (slave != nullptr ? slave->samples : locals_.find(worker.number)->samples) += samples;
  if (!worker.is_reference) auditor_.accepted(frame.id, contribution, key, worker.computer(), now);
  act(MergeIntoFilm{frame.id, std::move(contribution)});
}

void MasterCore::compare(DeviceKey key, FrameId frame, const FilmContribution& contribution) {
  if (const auto asked = auditor_.answered(frame, contribution, key))
    act(RenderReference{asked->frame, slot_of(asked->frame), asked->units});
}

void MasterCore::ask_reference_for_overdue(Instant now) {
  for (const FrameId frame : slots_) {
    if (frame == kNoFrame || auditor_.pending(frame) == 0 || stop_deadline_) continue;
    std::set<ComputerId> computers;
    for (const auto& [key, worker] : workers_) {
      if (dispatcher_.is_ready(key, frame) && !dispatcher_.is_suspect(key))
        computers.insert(worker.computer());
    }
    for (const Disagreement& asked : auditor_.overdue(frame, computers.size() > 1, now))
      act(RenderReference{asked.frame, slot_of(asked.frame), asked.units});
  }
}

void MasterCore::on_event(ReferenceRendered& event, Instant now) {
  if (!event.contribution) {
    auditor_.undecided(event.frame, event.units);
    if (event.contribution.error().kind != ErrorKind::cancelled)
      tell(notice::DeviceUnchecked{event.contribution.error()});
    return;
  }
  for (const SourceId source : auditor_.decide(event.frame, *event.contribution)) {
    if (workers_.at(source).shut_out) continue;
    shut_out(source, DeviceCheck::audit, render_again(source), now);
  }
}

// Leases.

void MasterCore::grant(Instant now) {
  if (slaves_awaited_) {
    if (accepted_slaves() < config_.wait_for_slaves) return;
    slaves_awaited_ = false;
  }
  // One lease each in turn, so that the first device does not take the second lease of the last.
  bool granted = true;
  while (granted) {
    granted = false;
    for (auto& [key, worker] : workers_) granted = grant_to(key, now) || granted;
  }
}

bool MasterCore::grant_to(DeviceKey key, Instant now) {
  if (!dispatcher_.has_credit(key)) return false;
  std::optional<GrantedLease> lease = dispatcher_.next_lease(key, now);
  if (lease) {
    add_audits(key, *lease, now);
  } else {
    lease = audit_lease(key, now);
  }
  if (!lease) return false;
  send_lease(workers_.at(key), *std::move(lease));
  return true;
}

/// Units to be rendered again travel with others, so that no device can tell them.
void MasterCore::add_audits(DeviceKey key, GrantedLease& lease, Instant now) {
  const Ledger& ledger = frames_.at(lease.frame).ledger;
  const double budget = dispatcher_.samples_per_second(key) * config_.dispatch.lease_seconds / 4;
  const std::vector<UnitRange> units = auditor_.take(
      lease.frame, workers_.at(key).computer(), static_cast<std::uint64_t>(budget),
      is_any_waiting_for_audits(), [&](UnitRange range) { return ledger.samples_in(range); }, now);
  for (const UnitRange& range : units) {
    dispatcher_.add_audit(key, lease.lease.id, range);
    lease.lease.units.push_back(range);
  }
}

/// For a device that has nothing else to do: what would take it no longer than a lease.
std::optional<GrantedLease> MasterCore::audit_lease(DeviceKey key, Instant now) {
  if (dispatcher_.leases_held(key) > 0) return std::nullopt;
  const double speed = dispatcher_.samples_per_second(key);
  const double budget = speed > 0 ? speed * config_.dispatch.lease_seconds
                                  : static_cast<double>(config_.dispatch.first_lease_samples);
  for (const FrameId id : slots_) {
    if (id == kNoFrame || !dispatcher_.is_ready(key, id)) continue;
    const Ledger& ledger = frames_.at(id).ledger;
    std::vector<UnitRange> units = auditor_.take(
        id, workers_.at(key).computer(), static_cast<std::uint64_t>(budget), is_any_waiting_for_audits(),
        [&](UnitRange range) { return ledger.samples_in(range); }, now);
    if (!units.empty()) return dispatcher_.audit_lease(key, id, std::move(units), now);
  }
  return std::nullopt;
}

void MasterCore::send_lease(const Worker& worker, GrantedLease lease) {
  if (!worker.link) {
    act(GrantLocal{worker.number, slot_of(lease.frame), std::move(lease.lease)});
    return;
  }
  LeaseGrant grant;
  grant.lease = lease.lease.id;
  grant.frame = lease.frame;
  grant.device = worker.number;
  grant.units = std::move(lease.lease.units);
  act(SendToSlave{*worker.link, std::move(grant)});
}

void MasterCore::recall(DeviceKey key, std::uint64_t lease_id) {
  const Worker& worker = workers_.at(key);
  if (worker.link) {
    act(SendToSlave{*worker.link, LeaseRecall{lease_id}});
  } else {
    act(RecallLocal{worker.number, lease_id});
  }
}

/// A slow device must not spend its time on what others have answered meanwhile, and delay its next lease.
void MasterCore::recall_superseded() {
  for (const auto& [key, worker] : workers_) {
    for (const std::uint64_t lease : dispatcher_.superseded(key)) recall(key, lease);
  }
}

void MasterCore::give_back_audits(DeviceKey key, std::uint64_t lease_id) {
  const HeldLease* lease = dispatcher_.lease(key, lease_id);
  if (lease == nullptr) return;
  for (const HeldUnits& held : lease->units) {
    if (held.audit) auditor_.given_back(lease->frame, held.units);
  }
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
    for (const auto& [frame, core] : frames_) {
      if (std::find(slots_.begin(), slots_.end(), frame) != slots_.end()) announce(id, slave, frame);
    }
  }
  if (!actions.send_chunks.empty()) act(SendChunks{id, actions.chunks_of, std::move(actions.send_chunks)});
  for (const DeviceOfFrame& ready : actions.devices_ready) device_ready(id, slave, ready, now);
  for (const DeviceOfFrame& failed : actions.devices_failed) {
    if (const DeviceKey* key = find_in(slave.keys, failed.device)) {
      for (const std::uint64_t lease : dispatcher_.leases_of(*key)) {
        if (dispatcher_.lease(*key, lease)->frame == failed.frame) give_back_audits(*key, lease);
      }
      slave.leases_returned += dispatcher_.set_not_ready(*key, failed.frame, now);
    }
  }
  if (actions.progress) {
    slave.last_progress = now;
    for (const auto& [device, key] : slave.keys) dispatcher_.touch(key, now);
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
    const SlaveHello& hello = slave.conversation.hello();
    const std::string& name = hello.devices[ready.device].name;
    if (is_shut_out(slave, ready.device)) return;
    if (hello.canaries[ready.device].digest != config_.canary)
      return refuse_canary(id, slave, ready.device, now);
    if (slave.keys.empty()) slave.ready_at = now;
    slave.keys[ready.device] = add_worker(id, ready.device, name, now);
  }
  dispatcher_.set_ready(slave.keys.at(ready.device), ready.frame);
}

/// Its device does not even compute what every device of every release does.
void MasterCore::refuse_canary(LinkId id, SlaveRecord& slave, std::uint32_t device, Instant now) {
  const std::string name = slave.conversation.hello().devices[device].name;
  shut_out_.insert(identity_of(slave, device));
  tell(notice::DeviceRefused{slave.conversation.name(), slave.conversation.address(), name,
                             DeviceCheck::canary, 0});
  for (std::uint32_t other = 0; other < slave.conversation.devices().size(); ++other) {
    if (!is_shut_out(slave, other)) return;
  }
  SlaveFault fault{SlaveFault::Kind::wrong_device, name, DeviceCheck::canary};
  apply(id, slave, slave.conversation.reject(std::move(fault)), now);
}

bool MasterCore::is_shut_out(const SlaveRecord& slave, std::uint32_t device) const {
  return shut_out_.contains(identity_of(slave, device));
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
  if (!key || dispatcher_.lease(*key, event.lease_id)->frame != event.frame) {
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
  for (const auto& [device, key] : slave.keys) dispatcher_.set_network_bound(key, slave.rate.bound());
}

void MasterCore::on_event(LinkBroken& event, Instant now) {
  SlaveRecord* slave = slaves_.find(event.link);
  if (slave == nullptr || !slave->connected) return;
  apply(event.link, *slave, slave->conversation.reject({SlaveFault::Kind::invalid_data, event.why}), now);
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
    const SlaveLoss loss{event.error.message, leases_lost};
    slave->end = loss;
    tell(notice::SlaveLost{slave->conversation.name(), loss});
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
  give_back_audits(*key, message.lease);
  // One that was recalled because others had answered it is no loss.
  if (dispatcher_.hand_back(*key, message.lease, now) > 0) ++slave.leases_returned;
}

std::optional<DeviceKey> MasterCore::worker_of_lease(const SlaveRecord& slave, std::uint64_t lease_id) const {
  for (const auto& [device, key] : slave.keys) {
    if (dispatcher_.lease(key, lease_id) != nullptr) return key;
  }
  return std::nullopt;
}

// What is known.

const Ledger* MasterCore::ledger(FrameId frame) const {
  const auto found = frames_.find(frame);
  return found == frames_.end() ? nullptr : &found->second.ledger;
}

double MasterCore::samples_per_second() const {
  double sum = 0;
  for (const auto& [key, worker] : workers_) sum += dispatcher_.samples_per_second(key);
  return sum;
}

SlaveRoster::View MasterCore::view(Instant now) const {
  return {dispatcher_, config_.dispatch.suspect_after, stop_deadline_.has_value(), now};
}

std::vector<SlaveStatus> MasterCore::slaves(Instant now) const {
  return slaves_.statuses(view(now));
}

std::optional<SlaveStatus> MasterCore::slave(LinkId link, Instant now) const {
  return slaves_.status(link, view(now));
}

}  // namespace oct
