#include "master/lease_desk.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.hpp"

namespace oct {

// Devices.

DeviceKey LeaseDesk::add(Worker worker, Instant now) {
  const DeviceKey key = dispatcher_.add_device(now, worker.fills_at_once);
  enter(key, std::move(worker));
  return key;
}

void LeaseDesk::enter(DeviceKey key, Worker&& worker) {
  const auto next = static_cast<ComputerId>(computers_.size());
  worker.computer = worker.is_reference ? kReferenceDevice
                                        : computers_.emplace(worker.fingerprint.computer, next).first->second;
  workers_.emplace(key, std::move(worker));
}

void LeaseDesk::remove(DeviceKey key) {
  for (const std::uint64_t lease : dispatcher_.leases_of(key)) give_back_audits(key, lease);
  dispatcher_.remove_device(key);
}

const Worker* LeaseDesk::find_worker(DeviceKey key) const {
  const auto found = workers_.find(key);
  return found == workers_.end() ? nullptr : &found->second;
}

std::vector<DeviceKey> LeaseDesk::not_shut_out(const DeviceFingerprint& fingerprint) const {
  std::vector<DeviceKey> keys;
  for (const auto& [key, worker] : workers_) {
    if (worker.fingerprint == fingerprint && !worker.is_reference && !worker.shut_out) keys.push_back(key);
  }
  return keys;
}

std::uint32_t LeaseDesk::set_not_ready(DeviceKey key, FrameId frame, Instant now) {
  for (const std::uint64_t lease : dispatcher_.leases_of(key)) {
    if (dispatcher_.lease(key, lease)->frame == frame) give_back_audits(key, lease);
  }
  return dispatcher_.set_not_ready(key, frame, now);
}

double LeaseDesk::samples_per_second() const {
  double sum = 0;
  for (const auto& [key, worker] : workers_) sum += dispatcher_.samples_per_second(key);
  return sum;
}

// Films of earlier runs.

DeviceKey LeaseDesk::key_of_earlier(const DeviceFingerprint& fingerprint) {
  const auto found = of_earlier_runs_.find(fingerprint);
  if (found != of_earlier_runs_.end()) return found->second;
  const DeviceKey key = dispatcher_.next_key();
  Worker worker;
  worker.fingerprint = fingerprint;
  worker.is_of_earlier_run = true;
  enter(key, std::move(worker));
  return of_earlier_runs_[fingerprint] = key;
}

void LeaseDesk::resume(FrameCore& frame, const UnitBits& filled, const FilmHistory& history, Instant now) {
  OCT_CHECK(check_history(frame.ledger.settings(), history).has_value());
  std::vector<DeviceKey> keys;
  std::map<SourceId, TileSet> parts;
  for (const EarlierSource& source : history.sources) {
    keys.push_back(key_of_earlier(source.fingerprint));
    parts[keys.back()] = source.tiles;
  }
  frame.restore(filled, std::move(parts));
  for (const PendingAudit& audit : history.audits) {
    const DeviceKey key = keys[audit.source];
    auditor_.resume(frame.id, {audit.units, audit.sums, key}, workers_.at(key).computer,
                    frame.ledger.all_filled(audit.units), now);
  }
}

/// The same device on several connections is one.
FilmHistory LeaseDesk::history(const FrameCore& frame) const {
  std::map<DeviceFingerprint, TileSet> devices;
  for (const auto& [source, tiles] : frame.ledger.tiles_by_source()) {
    const Worker& worker = workers_.at(source);
    if (!worker.is_reference) devices[worker.fingerprint].add_all(tiles);
  }
  std::vector<UndecidedAnswer> answers = auditor_.undecided_answers(frame.id);
  std::erase_if(answers, [&](const auto& answer) { return workers_.at(answer.source).is_reference; });
  for (const UndecidedAnswer& answer : answers) devices[workers_.at(answer.source).fingerprint];

  FilmHistory history;
  std::map<DeviceFingerprint, std::uint32_t> indices;
  for (auto& [fingerprint, tiles] : devices) {
    indices[fingerprint] = static_cast<std::uint32_t>(history.sources.size());
    history.sources.push_back({fingerprint, std::move(tiles)});
  }
  for (const UndecidedAnswer& answer : answers) {
    const std::uint32_t source = indices.at(workers_.at(answer.source).fingerprint);
    history.audits.push_back({answer.units, answer.sums, source});
  }
  return history;
}

// Leases.

/// One lease each in turn, so that the first device does not take the second lease of the last.
void LeaseDesk::grant(Instant now, MasterActions& actions) {
  bool granted = true;
  while (granted) {
    granted = false;
    for (auto& [key, worker] : workers_) granted = grant_to(key, now, actions) || granted;
  }
}

bool LeaseDesk::grant_to(DeviceKey key, Instant now, MasterActions& actions) {
  if (!dispatcher_.has_credit(key)) return false;
  for (const FrameId frame : frames_.with_slot()) {
    const double speed = dispatcher_.samples_per_second_of_ready(frame);
    frames_.at(frame).decide_by_time(speed, frame == frames_.oldest(), now);
  }
  std::optional<GrantedLease> lease = dispatcher_.next_lease(key, now);
  if (lease) {
    add_audits(key, *lease, now);
  } else {
    lease = audit_lease(key, now);
  }
  if (!lease) return false;
  actions.push_back(lease_action(workers_.at(key), *std::move(lease)));
  return true;
}

/// Units to be rendered again travel with others, so that no device can tell them.
void LeaseDesk::add_audits(DeviceKey key, GrantedLease& lease, Instant now) {
  const double budget = dispatcher_.samples_per_second(key) * limits_.lease_seconds / 4;
  for (const UnitRange& range : take_audits(key, lease.frame, budget, now)) {
    dispatcher_.add_audit(key, lease.lease.id, range);
    lease.lease.units.push_back(range);
  }
}

/// For a device that has nothing else to do: what would take it no longer than a lease.
std::optional<GrantedLease> LeaseDesk::audit_lease(DeviceKey key, Instant now) {
  if (dispatcher_.leases_held(key) > 0) return std::nullopt;
  const double speed = dispatcher_.samples_per_second(key);
  const double budget =
      speed > 0 ? speed * limits_.lease_seconds : static_cast<double>(limits_.first_lease_samples);
  for (const FrameId id : frames_.with_slot()) {
    if (!dispatcher_.is_ready(key, id)) continue;
    std::vector<UnitRange> units = take_audits(key, id, budget, now);
    if (!units.empty()) return dispatcher_.audit_lease(key, id, std::move(units), now);
  }
  return std::nullopt;
}

std::vector<UnitRange> LeaseDesk::take_audits(DeviceKey key, FrameId frame, double samples, Instant now) {
  const Ledger& ledger = frames_.at(frame).ledger;
  const bool at_once = std::any_of(frames_.all().begin(), frames_.all().end(), [](const auto& entry) {
    return entry.second.chosen_before_complete.has_value();
  });
  return auditor_.take(
      frame, workers_.at(key).computer, static_cast<std::uint64_t>(samples), at_once,
      [&](UnitRange range) { return ledger.samples_in(range); }, now);
}

MasterAction LeaseDesk::lease_action(const Worker& worker, GrantedLease lease) const {
  if (!worker.link) return GrantLocal{worker.number, frames_.slot_of(lease.frame), std::move(lease.lease)};
  LeaseGrant grant;
  grant.lease = lease.lease.id;
  grant.frame = lease.frame;
  grant.device = worker.number;
  grant.units = std::move(lease.lease.units);
  return SendToSlave{*worker.link, std::move(grant)};
}

MasterAction LeaseDesk::recall_action(DeviceKey key, std::uint64_t lease_id) const {
  const Worker& worker = workers_.at(key);
  if (worker.link) return SendToSlave{*worker.link, LeaseRecall{lease_id}};
  return RecallLocal{worker.number, lease_id};
}

std::size_t LeaseDesk::hand_back(DeviceKey key, std::uint64_t lease_id, Instant now) {
  give_back_audits(key, lease_id);
  return dispatcher_.hand_back(key, lease_id, now);
}

void LeaseDesk::stop(MasterActions& actions) {
  stopping_ = true;
  dispatcher_.stop_granting();
  for (const auto& [key, worker] : workers_) {
    for (const std::uint64_t lease : dispatcher_.leases_of(key)) actions.push_back(recall_action(key, lease));
  }
}

void LeaseDesk::frame_ended(FrameId frame, Instant now, MasterActions& actions) {
  for (const auto& [key, lease] : dispatcher_.remove_frame(frame, now))
    actions.push_back(recall_action(key, lease));
  auditor_.forget_frame(frame);
}

/// A slow device must not spend its time on what others have answered meanwhile, and delay its next lease.
void LeaseDesk::tick(Instant now, MasterActions& actions) {
  for (const DeviceKey key : dispatcher_.tick(now)) {
    for (const std::uint64_t lease : dispatcher_.leases_of(key)) give_back_audits(key, lease);
  }
  for (const auto& [key, worker] : workers_) {
    for (const std::uint64_t lease : dispatcher_.superseded(key))
      actions.push_back(recall_action(key, lease));
  }
}

LeaseDesk::Answered LeaseDesk::answer(DeviceKey key, std::uint64_t lease_id, FilmContribution&& contribution,
                                      Instant now, MasterActions& actions) {
  dispatcher_.touch(key, now);
  Answered answered;
  const HeldUnits* held = dispatcher_.units(key, lease_id, contribution.units);
  if (held == nullptr) return answered;  // what no lease asked for, or of a frame that has ended
  FrameCore& frame = frames_.at(dispatcher_.lease(key, lease_id)->frame);
  const Worker& worker = workers_.at(key);
  const UnitRange units = contribution.units;
  const std::uint32_t leases_before = dispatcher_.leases_held(key);
  if (held->audit) {
    answered.kind = Answered::Kind::compared;
    if (const auto asked = auditor_.answered(frame.id, contribution, key)) ask_reference(*asked, actions);
  } else if (stopping_ && needs_audit(worker, key, frame.ledger.samples_in(units))) {
    answered.kind = Answered::Kind::dropped;
  } else if (frame.offer(contribution, key) == Offered::accepted) {
    answered.kind = Answered::Kind::merged;
    answered.samples = frame.ledger.samples_in(units);
    if (!worker.is_reference && !stopping_)
      auditor_.accepted(frame.id, contribution, key, worker.computer, answered.samples, now);
    actions.push_back(MergeIntoFilm{frame.id, std::move(contribution)});
  } else {
    answered.kind = Answered::Kind::dropped;
  }
  // Settled last, so that the dispatcher never sees as missing what was just merged.
  dispatcher_.settle(key, lease_id, units, now);
  answered.ended_lease = dispatcher_.leases_held(key) < leases_before;
  return answered;
}

// Audits.

/// Asked once of each answer that comes after the end was asked for.
bool LeaseDesk::needs_audit(const Worker& worker, DeviceKey key, std::uint64_t samples) {
  return !worker.is_reference && !auditor_.is_above_doubt(key, samples);
}

void LeaseDesk::give_back_audits(DeviceKey key, std::uint64_t lease_id) {
  const HeldLease* lease = dispatcher_.lease(key, lease_id);
  if (lease == nullptr) return;
  for (const HeldUnits& held : lease->units) {
    if (held.audit) auditor_.given_back(lease->frame, held.units);
  }
}

void LeaseDesk::ask_reference(const Disagreement& asked, MasterActions& actions) const {
  actions.push_back(RenderReference{asked.frame, frames_.slot_of(asked.frame), asked.units});
}

void LeaseDesk::ask_reference_for_overdue(Instant now, MasterActions& actions) {
  for (const FrameId frame : frames_.with_slot()) {
    if (auditor_.pending(frame) == 0) continue;
    std::set<ComputerId> computers;
    for (const auto& [key, worker] : workers_) {
      if (dispatcher_.is_ready(key, frame) && !dispatcher_.is_suspect(key)) computers.insert(worker.computer);
    }
    // Who is not ready yet may become so, until the frame waits for nothing else.
    const bool others_can = computers.size() > 1 || !frames_.at(frame).ledger.complete();
    for (const Disagreement& asked : auditor_.overdue(frame, others_can, now)) ask_reference(asked, actions);
  }
}

std::vector<DeviceKey> LeaseDesk::decide(FrameId frame, const FilmContribution& reference) {
  std::vector<DeviceKey> wrong = auditor_.decide(frame, reference);
  std::erase_if(wrong, [&](DeviceKey key) { return workers_.at(key).shut_out; });
  return wrong;
}

LeaseDesk::RenderedAgain LeaseDesk::render_again(DeviceKey source, MasterActions& actions) {
  RenderedAgain again;
  for (auto& [id, frame] : frames_.all()) {
    for (const std::uint32_t tile : frame.ledger.tiles_of(source)) {
      for (std::uint32_t pass = 0; pass < frame.ledger.passes(); ++pass)
        again.units += frame.ledger.source_of(tile, pass) == source ? 1 : 0;
      for (const auto& [filler, samples] : frame.clear_tile(tile)) again.samples[filler] += samples;
      auditor_.tile_cleared(id, tile, source);
      ++again.tiles;
      actions.push_back(ClearTile{id, tile});
    }
  }
  return again;
}

bool LeaseDesk::is_proved(FrameCore& frame) const {
  if (!frame.ledger.complete()) {
    frame.chosen_before_complete.reset();
    return false;
  }
  if (!frame.chosen_before_complete) frame.chosen_before_complete = auditor_.units_chosen();
  return !auditor_.may_change(frame.id, frame.ledger, *frame.chosen_before_complete);
}

}  // namespace oct
