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
  return slave;
}

}  // namespace

std::vector<SlaveStatus> one_for_each_computer(const std::vector<SlaveStatus>& slaves) {
  std::vector<SlaveStatus> computers;
  for (const SlaveStatus& slave : slaves) {
    const auto known = std::ranges::find_if(computers, [&](const SlaveStatus& other) {
      return other.name == slave.name && other.address == slave.address;
    });
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
