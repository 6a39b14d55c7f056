#include "master/slave_roster.hpp"

#include <algorithm>
#include <utility>

namespace oct {
namespace {

/// Time in which its devices could have rendered and had nothing to do, all together.
double waiting_seconds(const SlaveRecord& record, const SlaveRoster::View& view) {
  double waiting = 0;
  for (const auto& [device, key] : record.keys)
    waiting += to_seconds(view.now - record.ready_at) - view.dispatcher.seconds_busy(key);
  return std::max(0.0, waiting);
}

SlaveDoing doing_of(const SlaveRecord& record, const SlaveRoster::View& view) {
  if (record.conversation.refused()) return SlaveDoing::refused;
  if (!record.connected || record.said_goodbye) return record.end_doing;
  if (!record.conversation.accepted()) return SlaveDoing::authenticating;
  // The next frame's scene arrives while this one renders: that is not what it does.
  if (record.conversation.bytes_missing_first() > 0) return SlaveDoing::updating;
  if (record.keys.empty()) return record.conversation.has_frame() ? SlaveDoing::building : SlaveDoing::idle;
  std::uint32_t leases = 0;
  bool suspect = true;
  for (const auto& [device, key] : record.keys) {
    leases += view.dispatcher.leases_held(key);
    suspect = suspect && view.dispatcher.is_suspect(key);
  }
  if (suspect || (leases > 0 && view.now - record.last_progress > view.suspect_after))
    return SlaveDoing::silent;
  if (leases == 0) return SlaveDoing::idle;
  return view.stopping ? SlaveDoing::draining : SlaveDoing::rendering;
}

SlaveStatus status_of(LinkId id, const SlaveRecord& record, const SlaveRoster::View& view) {
  SlaveStatus status;
  const SlaveLink& link = record.conversation;
  status.link = id;
  status.name = link.name();
  status.address = link.address();
  status.version = link.hello().version;
  status.devices = link.hello().devices;
  status.devices_used = static_cast<std::uint32_t>(record.keys.size());
  status.connected = record.connected;
  status.bytes_total = link.bytes_total();
  status.bytes_done = status.bytes_total - std::min(status.bytes_total, link.bytes_missing());
  status.update_known = link.update_known();
  status.samples = record.samples;
  status.samples_per_second = record.samples_per_second;
  status.seconds_busy = record.seconds_busy;
  for (const auto& [device, key] : record.keys) {
    status.samples_per_second += view.dispatcher.samples_per_second(key);
    status.seconds_busy += view.dispatcher.seconds_busy(key);
    status.leases_held += view.dispatcher.leases_held(key);
  }
  status.seconds_waiting = record.seconds_waiting + waiting_seconds(record, view);
  status.bytes_in = record.bytes_in;
  status.leases_merged = record.leases_merged;
  status.leases_returned = record.leases_returned;
  status.contributions_dropped = record.dropped;
  status.joined = record.joined;
  status.last_progress = record.last_progress;
  status.end = link.refused() ? SlaveEnd(link.refusal()) : record.end;
  status.doing = doing_of(record, view);
  if (status.doing == SlaveDoing::silent) status.silent_for = to_seconds(view.now - record.last_progress);
  status.network_bound = status.doing == SlaveDoing::rendering && record.rate.bound();
  return status;
}

}  // namespace

SlaveRecord* SlaveRoster::find(LinkId link) {
  const auto found = records_.find(link);
  return found == records_.end() ? nullptr : &found->second;
}

std::uint32_t SlaveRoster::accepted() const {
  return static_cast<std::uint32_t>(std::count_if(
      records_.begin(), records_.end(), [](const auto& entry) { return entry.second.takes_messages(); }));
}

std::vector<SlaveStatus> SlaveRoster::statuses(const View& view) const {
  std::vector<SlaveStatus> all;
  for (const auto& [id, record] : records_) {
    if (!record.conversation.name().empty()) all.push_back(status_of(id, record, view));
  }
  return all;
}

std::optional<SlaveStatus> SlaveRoster::status(LinkId link, const View& view) const {
  const auto found = records_.find(link);
  if (found == records_.end() || found->second.conversation.name().empty()) return std::nullopt;
  return status_of(link, found->second, view);
}

std::vector<DeviceKey> SlaveRoster::close_devices(SlaveRecord& record, const View& view) {
  std::vector<DeviceKey> keys;
  record.seconds_waiting += waiting_seconds(record, view);
  for (const auto& [device, key] : std::exchange(record.keys, {})) {
    record.seconds_busy += view.dispatcher.seconds_busy(key);
    record.samples_per_second += view.dispatcher.samples_per_second(key);
    record.leases_lost += view.dispatcher.leases_held(key);
    keys.push_back(key);
  }
  return keys;
}

}  // namespace oct
