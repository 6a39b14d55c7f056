#include "master/master_core.hpp"

#include <algorithm>
#include <utility>

#include "master/find_in.hpp"
#include "report/words.hpp"

namespace oct {

MasterCore::MasterCore(const MasterCoreConfig& config, const RenderSettings& settings, ServedScene scene,
                       Instant now)
    : config_(config),
      scene_(std::move(scene)),
      ledger_(settings),
      dispatcher_(ledger_, config.dispatch),
      locals_pending_(config.local_devices),
      started_(now),
      slaves_awaited_(config.wait_for_slaves > 0) {}

MasterActions MasterCore::on(MasterEvent event, Instant now) {
  std::visit([&](auto& concrete) { on_event(concrete, now); }, event);
  if (!ended_) end_if_over(now);
  if (!ended_) grant(now);
  return std::exchange(actions_, {});
}

// Devices of this computer.

void MasterCore::on_event(LocalDeviceReady& event, Instant now) {
  if (locals_pending_ > 0) --locals_pending_;
  local_infos_[event.local] = event.info;
  // The CPU device is what others are checked against.
  const bool trusted = event.info.kind == DeviceKind::cpu;
  locals_[event.local] = add_worker(std::nullopt, event.local, next_source_++, trusted, now);
}

void MasterCore::on_event(LocalDeviceFailed& event, Instant) {
  if (const DeviceKey* key = find_in(locals_, event.local)) {
    dispatcher_.remove_device(*key);
    workers_.erase(*key);
    locals_.erase(event.local);
  } else if (locals_pending_ > 0) {
    --locals_pending_;
  }
  if (locals_pending_ > 0 || !locals_.empty() || config_.network) {
    act(Tell{notice::LocalDeviceFailed{event.error}});
  }
  local_error_ = std::move(event.error);
}

void MasterCore::on_event(LocalAnswer& event, Instant now) {
  if (const DeviceKey* key = find_in(locals_, event.local)) {
    answer(*key, event.lease_id, std::move(event.contribution), now);
  }
}

void MasterCore::on_event(LocalLeaseEnded& event, Instant now) {
  const DeviceKey* key = find_in(locals_, event.local);
  if (key == nullptr) return;
  // With every unit answered the dispatcher has closed the lease already, unless answers are still held back.
  if (event.error) dispatcher_.hand_back(*key, event.lease_id, now);
  if (event.error && event.error->kind != ErrorKind::cancelled) {
    LocalDeviceFailed failed{event.local, std::move(*event.error)};
    on_event(failed, now);
  }
}

void MasterCore::on_event(ReferenceRendered& event, Instant now) {
  Worker* worker = find_in(workers_, event.device);
  if (worker == nullptr) return;
  std::vector<Answer> passing;
  if (event.contribution) {
    passing = worker->gate.compare(*event.contribution);
  } else {
    act(Tell{notice::DeviceUnchecked{event.contribution.error()}});
    passing = worker->gate.trust();
  }
  if (worker->gate.state() == DeviceGate::State::refused) return refuse_device(event.device, now);
  for (Answer& answer : passing) merge(event.device, std::move(answer));
}

// Devices, wherever they are.

DeviceKey MasterCore::add_worker(std::optional<LinkId> link, std::uint32_t number, SourceId source,
                                 bool trusted, Instant now) {
  const DeviceKey key = dispatcher_.add_device(now);
  workers_.emplace(key, Worker{DeviceGate(trusted), source, link, number});
  return key;
}

void MasterCore::answer(DeviceKey key, std::uint64_t lease_id, FilmContribution&& contribution, Instant now) {
  Worker& worker = workers_.at(key);
  dispatcher_.touch(key, now);
  for (Answer& passing : worker.gate.offer({lease_id, std::move(contribution), now}))
    merge(key, std::move(passing));
  if (const auto units = worker.gate.start_check()) act(RenderReference{key, *units});
}

void MasterCore::merge(DeviceKey key, Answer&& answer) {
  Worker& worker = workers_.at(key);
  Link* link = worker.link ? find_in(links_, *worker.link) : nullptr;
  const UnitRange units = answer.contribution.units;
  const std::uint32_t leases_before = dispatcher_.leases_held(key);
  const bool held = dispatcher_.holds(key, answer.lease_id, units);
  // Offered before it is settled, so that the dispatcher never sees it as missing; what no lease asked for is
  // dropped.
  const Verdict verdict = held ? ledger_.offer(answer.contribution, worker.source) : Verdict::duplicate;
  if (held) dispatcher_.settle(key, answer.lease_id, units, answer.arrived);
  if (verdict == Verdict::accepted) {
    const std::uint64_t samples = ledger_.samples_in(units);
    worker.samples += samples;
    if (link != nullptr) link->samples += samples;
    if (link == nullptr) local_samples_[worker.number] += samples;
    act(MergeIntoFilm{std::move(answer.contribution)});
  } else if (link != nullptr) {
    ++link->dropped;
  }
  if (link != nullptr && dispatcher_.leases_held(key) < leases_before) ++link->leases_merged;
}

/// Its first unit differs from the master's: whatever it computes cannot be used.
void MasterCore::refuse_device(DeviceKey key, Instant now) {
  const Worker worker = workers_.at(key);
  dispatcher_.remove_device(key);
  workers_.erase(key);
  if (!worker.link) {
    const std::string name = local_infos_[worker.number].name;
    locals_.erase(worker.number);
    act(CancelLocal{worker.number});
    act(Tell{notice::DeviceRefused{{}, {}, name, DeviceCheck::first_unit}});
    local_error_ = device_refused_error(name, DeviceCheck::first_unit);
    return;
  }
  Link& link = links_.at(*worker.link);
  std::erase_if(link.keys, [&](const auto& entry) { return entry.second == key; });
  const std::string name = link.conversation.devices()[worker.number].info.name;
  if (link.keys.empty()) {
    apply(*worker.link, link,
          link.conversation.reject({SlaveFault::Kind::wrong_device, name, DeviceCheck::first_unit}), now);
  } else {
    act(Tell{notice::DeviceRefused{link.conversation.name(), link.conversation.address(), name,
                                   DeviceCheck::first_unit}});
  }
}

void MasterCore::remove_workers(Link& link, Instant now) {
  if (link.keys.empty()) return;
  link.seconds_waiting += waiting_seconds(link, now);
  for (const auto& [device, key] : link.keys) {
    link.seconds_busy += dispatcher_.seconds_busy(key);
    link.samples_per_second += dispatcher_.samples_per_second(key);
    link.leases_lost += dispatcher_.remove_device(key);
    workers_.erase(key);
  }
  link.keys.clear();
}

// The render as a whole.

void MasterCore::on_event(Tick&, Instant now) {
  dispatcher_.tick(now);
  recall_superseded();
}

void MasterCore::on_event(StopAsked&, Instant now) {
  if (stop_deadline_ || ended_) return;
  stop_deadline_ = now + config_.stop_grace;
  dispatcher_.stop_granting();
  for (const auto& [local, key] : locals_) act(CancelLocal{local});
  for (const auto& [key, worker] : workers_) {
    if (!worker.link) continue;
    for (const std::uint64_t lease : dispatcher_.leases_of(key))
      act(SendToSlave{*worker.link, LeaseRecall{lease}});
  }
}

/// A slow device must not spend its time on what others have answered meanwhile, and delay its next lease.
void MasterCore::recall_superseded() {
  for (const auto& [key, worker] : workers_) {
    // The first units of a device are wanted for the check, whoever has answered them.
    if (worker.gate.state() != DeviceGate::State::trusted) continue;
    for (const std::uint64_t lease : dispatcher_.superseded(key)) {
      if (worker.link) {
        act(SendToSlave{*worker.link, LeaseRecall{lease}});
      } else {
        act(RecallLocal{worker.number, lease});
      }
    }
  }
}

void MasterCore::grant(Instant now) {
  if (slaves_awaited_) {
    if (accepted_slaves() < config_.wait_for_slaves) return;
    slaves_awaited_ = false;
  }
  // One lease each in turn, so that the first device does not take the second lease of the last.
  bool granted = true;
  while (granted) {
    granted = false;
    for (auto& [key, worker] : workers_) {
      std::optional<Lease> lease = dispatcher_.next_lease(key, now);
      if (!lease) continue;
      granted = true;
      if (worker.link) {
        LeaseGrant grant;
        grant.lease = lease->id;
        grant.scene = scene_.number;
        grant.device = worker.number;
        grant.units = std::move(lease->units);
        act(SendToSlave{*worker.link, std::move(grant)});
      } else {
        act(GrantLocal{worker.number, std::move(*lease)});
      }
    }
  }
}

void MasterCore::end_if_over(Instant now) {
  if (ledger_.complete()) return end(RenderEnded::Reason::complete, now);
  if (stop_deadline_ && (dispatcher_.leases_held() == 0 || now >= *stop_deadline_)) {
    return end(RenderEnded::Reason::stopped, now);
  }
  if (!config_.network && locals_pending_ == 0 && locals_.empty()) {
    return end(RenderEnded::Reason::failed, now, local_error_.value_or(no_device_error()));
  }
  if (slaves_awaited_ && now - started_ >= config_.wait_at_most &&
      accepted_slaves() < config_.wait_for_slaves) {
    return end(
        RenderEnded::Reason::failed, now,
        slaves_missing_error(config_.wait_for_slaves, accepted_slaves(), to_seconds(config_.wait_at_most)));
  }
}

void MasterCore::end(RenderEnded::Reason reason, Instant now, std::optional<Error> error) {
  ended_ = true;
  dispatcher_.stop_granting();
  for (const auto& [local, key] : locals_) act(CancelLocal{local});
  for (auto& [id, link] : links_) {
    if (!link.connected || link.said_goodbye || link.conversation.refused()) continue;
    if (!link.conversation.accepted()) {
      act(FinishLink{id});
      continue;
    }
    remove_workers(link, now);
    link.leases_lost = 0;  // nothing was wanted of them any more
    link.said_goodbye = true;
    link.end = SlaveDoing::finished;
    act(SendToSlave{id, Goodbye{GoodbyeReason::finished, {}}});
    act(FinishLink{id});
    act(SlaveChanged{id});
  }
  act(RenderEnded{reason, std::move(error)});
}

}  // namespace oct
