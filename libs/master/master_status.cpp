#include <algorithm>

#include "master/master_core.hpp"

// What people are told about the slaves and devices of a render.

namespace oct {

double MasterCore::samples_per_second() const {
  double sum = 0;
  for (const auto& [key, worker] : workers_) sum += dispatcher_.samples_per_second(key);
  return sum;
}

std::uint32_t MasterCore::accepted_slaves() const {
  std::uint32_t count = 0;
  for (const auto& [id, link] : links_)
    count += link.connected && link.conversation.accepted() && !link.said_goodbye;
  return count;
}

std::vector<SlaveStatus> MasterCore::slaves(Instant now) const {
  std::vector<SlaveStatus> all;
  for (const auto& [id, link] : links_) {
    if (!link.conversation.name().empty()) all.push_back(status_of(id, link, now));
  }
  return all;
}

std::optional<SlaveStatus> MasterCore::slave(LinkId id, Instant now) const {
  const auto found = links_.find(id);
  if (found == links_.end() || found->second.conversation.name().empty()) return std::nullopt;
  return status_of(id, found->second, now);
}

std::vector<LocalStatus> MasterCore::local_devices() const {
  std::vector<LocalStatus> all;
  for (const auto& [local, info] : local_infos_) {
    LocalStatus status;
    status.info = info;
    const auto key = locals_.find(local);
    status.usable = key != locals_.end();
    if (status.usable) {
      status.samples_per_second = dispatcher_.samples_per_second(key->second);
      status.seconds_busy = dispatcher_.seconds_busy(key->second);
    }
    const auto samples = local_samples_.find(local);
    if (samples != local_samples_.end()) status.samples = samples->second;
    all.push_back(std::move(status));
  }
  return all;
}

SlaveStatus MasterCore::status_of(LinkId id, const Link& link, Instant now) const {
  SlaveStatus status;
  status.link = id;
  status.name = link.conversation.name();
  status.address = link.conversation.address();
  status.version = link.conversation.hello().version;
  status.devices = link.conversation.hello().devices;
  status.devices_used = static_cast<std::uint32_t>(link.keys.size());
  status.connected = link.connected;
  status.bytes_total = link.conversation.bytes_total();
  status.bytes_done = status.bytes_total - std::min(status.bytes_total, link.conversation.bytes_missing());
  status.samples = link.samples;
  status.samples_per_second = link.samples_per_second;
  status.seconds_busy = link.seconds_busy;
  for (const auto& [device, key] : link.keys) {
    status.samples_per_second += dispatcher_.samples_per_second(key);
    status.seconds_busy += dispatcher_.seconds_busy(key);
    status.leases_held += dispatcher_.leases_held(key);
  }
  status.seconds_waiting = link.seconds_waiting + waiting_seconds(link, now);
  status.bytes_in = link.bytes_in;
  status.leases_merged = link.leases_merged;
  status.leases_returned = link.leases_returned;
  status.contributions_dropped = link.dropped;
  status.joined = link.joined;
  status.end = link.conversation.refused() ? link.conversation.end() : link.why_ended;
  status.doing = doing_of(link, now);
  status.network_bound = status.doing == SlaveDoing::rendering && link.rate.bound();
  if (status.doing == SlaveDoing::silent) status.silent_for = to_seconds(now - link.last_progress);
  return status;
}

/// Time in which its devices could have rendered and had nothing to do, all together.
double MasterCore::waiting_seconds(const Link& link, Instant now) const {
  double waiting = 0;
  for (const auto& [device, key] : link.keys) {
    waiting += to_seconds(now - link.ready_at) - dispatcher_.seconds_busy(key);
  }
  return std::max(0.0, waiting);
}

SlaveDoing MasterCore::doing_of(const Link& link, Instant now) const {
  if (link.conversation.refused()) return SlaveDoing::refused;
  if (!link.connected || link.said_goodbye) return link.end;
  if (!link.conversation.accepted()) return SlaveDoing::authenticating;
  if (link.conversation.bytes_missing() > 0) return SlaveDoing::updating;
  if (link.keys.empty()) return SlaveDoing::building;
  std::uint32_t leases = 0;
  bool suspect = true;
  for (const auto& [device, key] : link.keys) {
    leases += dispatcher_.leases_held(key);
    suspect = suspect && dispatcher_.is_suspect(key);
  }
  if (suspect || (leases > 0 && now - link.last_progress > config_.dispatch.suspect_after))
    return SlaveDoing::silent;
  if (leases == 0) return SlaveDoing::idle;
  return stop_deadline_ ? SlaveDoing::draining : SlaveDoing::rendering;
}

}  // namespace oct
