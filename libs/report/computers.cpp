#include "report/computers.hpp"

#include <algorithm>
#include <utility>

namespace oct {
namespace {

/// What `former` did, added to `slave`, which came later or is there.
SlaveStatus with_work_of(SlaveStatus slave, const SlaveStatus& former) {
  slave.samples += former.samples;
  slave.samples_per_second += former.samples_per_second;
  slave.seconds_busy += former.seconds_busy;
  slave.seconds_waiting += former.seconds_waiting;
  slave.bytes_in += former.bytes_in;
  slave.bytes_out += former.bytes_out;
  slave.leases_held += former.leases_held;
  slave.leases_merged += former.leases_merged;
  slave.leases_returned += former.leases_returned;
  slave.contributions_dropped += former.contributions_dropped;
  slave.joined = std::min(slave.joined, former.joined);
  slave.last_progress = std::max(slave.last_progress, former.last_progress);
  return slave;
}

bool is_same_device(const DeviceInfo& a, const DeviceInfo& b) {
  return a.kind == b.kind && a.index == b.index && a.name == b.name && a.threads == b.threads;
}

/// A computer whose address changed in mid-render. Two that are alike, and of one name, have worked at the same time.
bool has_moved(const SlaveStatus& former, const SlaveStatus& slave) {
  return !former.connected && !slave.devices.empty() && former.last_progress <= slave.joined &&
         std::ranges::equal(former.devices, slave.devices, is_same_device);
}

bool is_same_computer(const SlaveStatus& former, const SlaveStatus& slave) {
  return former.name == slave.name && (former.address == slave.address || has_moved(former, slave));
}

}  // namespace

std::vector<SlaveStatus> one_for_each_computer(const std::vector<SlaveStatus>& slaves) {
  std::vector<SlaveStatus> computers;
  for (const SlaveStatus& slave : slaves) {
    const auto known = std::ranges::find_if(
        computers, [&](const SlaveStatus& former) { return is_same_computer(former, slave); });
    if (known == computers.end()) {
      computers.push_back(slave);
    } else if (known->connected && !slave.connected) {
      *known = with_work_of(std::move(*known), slave);
    } else {
      *known = with_work_of(slave, *known);
    }
  }
  return computers;
}

}  // namespace oct
