#include "master/device_work.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace oct {
namespace {

bool same_units(const UnitRange& a, const UnitRange& b) {
  return a.tile == b.tile && a.first_pass == b.first_pass && a.last_pass == b.last_pass;
}

}  // namespace

void DeviceWork::grant(std::uint64_t lease_id, HeldLease lease, Instant now) {
  lease.started = now;
  if (leases_.empty()) busy_since_ = last_progress_ = now;
  leases_.emplace(lease_id, std::move(lease));
}

void DeviceWork::answered(std::uint64_t lease_id, UnitRange units, double lease_seconds, Instant now) {
  HeldLease* lease = find(lease_id);
  if (lease == nullptr) return;
  seconds_busy_ += to_seconds(now - busy_since_);
  busy_since_ = last_progress_ = now;
  std::erase_if(lease->units, [&](const HeldUnits& held) {
    if (!same_units(held.units, units)) return false;
    lease->answered += held.samples;
    return true;
  });
  if (lease->units.empty()) close(lease_id, lease_seconds, now);
}

HeldLease DeviceWork::close(std::uint64_t lease_id, double lease_seconds, Instant now) {
  const auto found = leases_.find(lease_id);
  if (found == leases_.end()) return {};
  HeldLease lease = std::move(found->second);
  measure(lease, lease_seconds, now);
  leases_.erase(found);
  // The next lease can have begun only when this one ended.
  const auto next = leases_.lower_bound(lease_id);
  if (next != leases_.end()) next->second.started = now;
  return lease;
}

/// Samples over time, the last second or so of work counting most. Not a mean of speeds: when a full link
/// lets answers come in bursts, the lease behind another seems to have taken no time at all.
void DeviceWork::measure(const HeldLease& lease, double lease_seconds, Instant now) {
  if (lease.answered == 0) return;
  constexpr double kShortestSeconds = 1e-4;
  const double seconds_taken = to_seconds(now - lease.started);
  const double weight_of_old = std::exp2(-seconds_taken / lease_seconds);
  measured_samples_ = measured_samples_ * weight_of_old + static_cast<double>(lease.answered);
  measured_seconds_ = measured_seconds_ * weight_of_old + seconds_taken;
  samples_per_second_ = measured_samples_ / std::max(measured_seconds_, kShortestSeconds);
  last_lease_samples_ = lease.answered;
}

HeldLease* DeviceWork::find(std::uint64_t lease_id) {
  const auto found = leases_.find(lease_id);
  return found == leases_.end() ? nullptr : &found->second;
}

const HeldLease* DeviceWork::find(std::uint64_t lease_id) const {
  const auto found = leases_.find(lease_id);
  return found == leases_.end() ? nullptr : &found->second;
}

const HeldUnits* DeviceWork::find(std::uint64_t lease_id, UnitRange units) const {
  const HeldLease* lease = find(lease_id);
  if (lease == nullptr) return nullptr;
  const auto found = std::find_if(lease->units.begin(), lease->units.end(),
                                  [&](const HeldUnits& held) { return same_units(held.units, units); });
  return found == lease->units.end() ? nullptr : &*found;
}

std::uint64_t DeviceWork::held_samples(FrameId frame) const {
  std::uint64_t samples = 0;
  for (const auto& [id, lease] : leases_) {
    if (lease.frame != frame) continue;
    for (const HeldUnits& held : lease.units) samples += held.samples;
  }
  return samples;
}

double DeviceWork::seconds_left() const {
  if (samples_per_second_ <= 0) return std::numeric_limits<double>::infinity();
  std::uint64_t samples = 0;
  for (const auto& [id, lease] : leases_) {
    for (const HeldUnits& held : lease.units) samples += held.samples;
  }
  return static_cast<double>(samples) / samples_per_second_;
}

bool DeviceWork::is_overdue(Duration least, double factor, Instant now) const {
  if (leases_.empty()) return false;
  std::uint64_t largest = 0;
  for (const auto& [id, lease] : leases_) {
    for (const HeldUnits& held : lease.units) largest = std::max(largest, held.samples);
  }
  const double usual_seconds =
      samples_per_second_ > 0 ? static_cast<double>(largest) / samples_per_second_ : 0;
  return to_seconds(now - last_progress_) > std::max(to_seconds(least), factor * usual_seconds);
}

}  // namespace oct
