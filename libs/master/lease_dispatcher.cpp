#include "master/lease_dispatcher.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.hpp"

namespace oct {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::uint32_t kMostHolders = 2;  // more would only burn electricity

}  // namespace

LeaseDispatcher::LeaseDispatcher(const Ledger& ledger, const DispatchLimits& limits)
    : ledger_(ledger),
      limits_(limits),
      holders_(static_cast<std::size_t>(ledger.tiles()) * ledger.passes(), std::uint16_t{0}) {}

DeviceKey LeaseDispatcher::add_device(Instant now) {
  const DeviceKey key = next_device_++;
  devices_[key].last_progress = now;
  return key;
}

std::uint32_t LeaseDispatcher::remove_device(DeviceKey device) {
  const auto found = devices_.find(device);
  if (found == devices_.end()) return 0;
  if (!found->second.suspect) count_holder(found->second, -1);
  const auto leases = static_cast<std::uint32_t>(found->second.leases.size());
  devices_.erase(found);
  return leases;
}

std::optional<Lease> LeaseDispatcher::next_lease(DeviceKey key, Instant now) {
  const auto found = devices_.find(key);
  if (!granting_ || found == devices_.end()) return std::nullopt;
  HeldBy& device = found->second;
  if (device.suspect || device.leases.size() >= limits_.leases_held) return std::nullopt;

  const std::uint64_t samples = wanted_samples(device);
  std::vector<UnitRange> units = take_from_pool(samples, device.network_bound);
  if (units.empty() && device.leases.empty()) {
    units = take_over(key, samples);
    for (const UnitRange& range : units) count_holder(range, +1);
  }
  if (units.empty()) return std::nullopt;

  HeldLease held;
  held.units = units;
  held.started = now;
  if (device.leases.empty()) {
    device.busy_since = now;
    device.last_progress = now;
  }
  const std::uint64_t id = next_lease_id_++;
  device.leases.emplace(id, std::move(held));
  return Lease{id, std::move(units)};
}

bool LeaseDispatcher::holds(DeviceKey device, std::uint64_t lease_id) const {
  const auto found = devices_.find(device);
  return found != devices_.end() && found->second.leases.contains(lease_id);
}

bool LeaseDispatcher::holds(DeviceKey device, std::uint64_t lease_id, UnitRange units) const {
  if (!holds(device, lease_id)) return false;
  const std::vector<UnitRange>& held = devices_.at(device).leases.at(lease_id).units;
  return std::any_of(held.begin(), held.end(), [&](const UnitRange& range) {
    return range.tile == units.tile && range.first_pass == units.first_pass &&
           range.last_pass == units.last_pass;
  });
}

bool LeaseDispatcher::settle(DeviceKey key, std::uint64_t lease_id, UnitRange units, Instant now) {
  if (!holds(key, lease_id, units)) return false;
  const auto found = devices_.find(key);
  HeldLease& lease = found->second.leases.at(lease_id);
  lease.answered += ledger_.samples_in(units);
  found->second.seconds_busy += to_seconds(now - found->second.busy_since);
  found->second.busy_since = now;
  if (!found->second.suspect) count_holder(units, -1);
  std::erase_if(lease.units, [&](const UnitRange& range) {
    return range.tile == units.tile && range.first_pass == units.first_pass;
  });
  if (lease.units.empty()) end_lease(found->second, lease_id, now);
  touch(key, now);
  return true;
}

std::size_t LeaseDispatcher::hand_back(DeviceKey key, std::uint64_t lease_id, Instant now) {
  const auto found = devices_.find(key);
  if (found == devices_.end()) return 0;
  const auto lease = found->second.leases.find(lease_id);
  if (lease == found->second.leases.end()) return 0;
  const std::size_t units_returned = units_wanted(lease->second);
  if (!found->second.suspect) {
    for (const UnitRange& units : lease->second.units) count_holder(units, -1);
  }
  lease->second.units.clear();
  end_lease(found->second, lease_id, now);
  return units_returned;
}

void LeaseDispatcher::touch(DeviceKey key, Instant now) {
  const auto found = devices_.find(key);
  if (found == devices_.end()) return;
  found->second.last_progress = now;
  set_suspect(found->second, false);
}

void LeaseDispatcher::tick(Instant now) {
  for (auto& [key, device] : devices_) {
    if (device.leases.empty() || device.suspect) continue;
    double usual_seconds = 0;
    if (device.samples_per_second > 0) {
      for (const auto& [id, lease] : device.leases) {
        for (const UnitRange& units : lease.units) {
          usual_seconds = std::max(
              usual_seconds, static_cast<double>(ledger_.samples_in(units)) / device.samples_per_second);
        }
      }
    }
    const double patience =
        std::max(to_seconds(limits_.suspect_after), limits_.suspect_factor * usual_seconds);
    if (to_seconds(now - device.last_progress) > patience) set_suspect(device, true);
  }
}

std::vector<std::uint64_t> LeaseDispatcher::superseded(DeviceKey key) {
  std::vector<std::uint64_t> ids;
  const auto found = devices_.find(key);
  if (found == devices_.end()) return ids;
  for (auto& [id, lease] : found->second.leases) {
    if (lease.superseded || units_wanted(lease) > 0) continue;
    lease.superseded = true;
    ids.push_back(id);
  }
  return ids;
}

std::size_t LeaseDispatcher::units_wanted(const HeldLease& lease) const {
  return static_cast<std::size_t>(
      std::count_if(lease.units.begin(), lease.units.end(),
                    [this](const UnitRange& units) { return !ledger_.all_filled(units); }));
}

void LeaseDispatcher::set_network_bound(DeviceKey device, bool bound) {
  const auto found = devices_.find(device);
  if (found != devices_.end()) found->second.network_bound = bound;
}

bool LeaseDispatcher::is_suspect(DeviceKey device) const {
  const auto found = devices_.find(device);
  return found != devices_.end() && found->second.suspect;
}

std::uint32_t LeaseDispatcher::leases_held(DeviceKey device) const {
  const auto found = devices_.find(device);
  return found == devices_.end() ? 0 : static_cast<std::uint32_t>(found->second.leases.size());
}

std::uint32_t LeaseDispatcher::leases_held() const {
  std::uint32_t count = 0;
  for (const auto& [key, device] : devices_) count += static_cast<std::uint32_t>(device.leases.size());
  return count;
}

std::vector<std::uint64_t> LeaseDispatcher::leases_of(DeviceKey device) const {
  std::vector<std::uint64_t> ids;
  const auto found = devices_.find(device);
  if (found == devices_.end()) return ids;
  for (const auto& [id, lease] : found->second.leases) ids.push_back(id);
  return ids;
}

double LeaseDispatcher::samples_per_second(DeviceKey device) const {
  const auto found = devices_.find(device);
  return found == devices_.end() ? 0 : found->second.samples_per_second;
}

double LeaseDispatcher::seconds_busy(DeviceKey device) const {
  const auto found = devices_.find(device);
  return found == devices_.end() ? 0 : found->second.seconds_busy;
}

bool LeaseDispatcher::available(std::uint32_t tile, std::uint32_t pass) const {
  return !ledger_.is_filled(tile, pass) &&
         holders_[static_cast<std::size_t>(pass) * ledger_.tiles() + tile] == 0;
}

/// Samples of the next lease: a second's worth, growing step by step from a small first one, and shrinking
/// near the end to half of this device's share of what is left, so that all devices finish together.
std::uint64_t LeaseDispatcher::wanted_samples(const HeldBy& device) const {
  if (device.samples_per_second <= 0) return limits_.first_lease_samples;
  double total_speed = 0;
  for (const auto& [key, other] : devices_) total_speed += other.suspect ? 0 : other.samples_per_second;
  const double left = static_cast<double>(ledger_.samples_wanted() - ledger_.samples_merged());
  const double second = device.samples_per_second * limits_.lease_seconds;
  const double share =
      left * device.samples_per_second / std::max(total_speed, device.samples_per_second) / 2;
  const double grown = static_cast<double>(device.last_lease_samples) * limits_.growth;
  return static_cast<std::uint64_t>(std::max(1.0, std::min({second, share, grown})));
}

std::vector<UnitRange> LeaseDispatcher::take_from_pool(std::uint64_t samples, bool wide) {
  const std::uint64_t tiles = ledger_.tiles();
  std::vector<UnitRange> units;
  std::uint64_t taken = 0;
  for (std::uint64_t i = cursor_; i < holders_.size(); ++i) {
    const auto tile = static_cast<std::uint32_t>(i % tiles);
    const auto pass = static_cast<std::uint32_t>(i / tiles);
    if (available(tile, pass)) {
      if (taken >= samples || units.size() >= limits_.max_lease_units) {
        cursor_ = i;
        return units;
      }
      units.push_back(wide ? widened(tile, pass, samples - taken) : UnitRange{tile, pass, pass + 1});
      count_holder(units.back(), +1);
      taken += ledger_.samples_in(units.back());
    }
  }
  cursor_ = holders_.size();
  return units;
}

/// For an idle device when the pool is empty: the last units of the device that will be busy longest, half of
/// what it holds at most, and only those that the idle device is likely to finish first.
std::vector<UnitRange> LeaseDispatcher::take_over(DeviceKey taker_key, std::uint64_t samples) const {
  const HeldBy& taker = devices_.at(taker_key);
  const HeldBy* holder = nullptr;
  for (const auto& [key, device] : devices_) {
    if (key == taker_key || device.suspect || device.leases.empty()) continue;
    if (holder == nullptr || seconds_left(device) > seconds_left(*holder)) holder = &device;
  }
  if (holder == nullptr) return {};
  const double holder_seconds = seconds_left(*holder);
  const std::uint64_t most =
      holder->samples_per_second > 0 ? held_samples(*holder) / 2 : held_samples(*holder);

  std::vector<UnitRange> units;
  std::uint64_t taken = 0;
  for (auto lease = holder->leases.rbegin(); lease != holder->leases.rend(); ++lease) {
    for (auto range = lease->second.units.rbegin(); range != lease->second.units.rend(); ++range) {
      const std::uint64_t size = ledger_.samples_in(*range);
      const double taker_seconds =
          taker.samples_per_second > 0 ? static_cast<double>(taken + size) / taker.samples_per_second : 0;
      if ((taken > 0 && taken + size > std::max(most, std::uint64_t{1})) || taken >= samples) return units;
      if (units.size() >= limits_.max_lease_units || taker_seconds >= holder_seconds) return units;
      const std::uint32_t holders =
          holders_[static_cast<std::size_t>(range->first_pass) * ledger_.tiles() + range->tile];
      if (ledger_.all_filled(*range) || holders >= kMostHolders) continue;
      units.push_back(*range);
      taken += size;
    }
  }
  return units;
}

/// One pass of a tile, and as many following passes as are available and fit the lease.
UnitRange LeaseDispatcher::widened(std::uint32_t tile, std::uint32_t pass, std::uint64_t samples) const {
  UnitRange units{tile, pass, pass + 1};
  while (units.last_pass < ledger_.passes() && available(tile, units.last_pass) &&
         ledger_.samples_in({tile, pass, units.last_pass + 1}) <= samples) {
    ++units.last_pass;
  }
  return units;
}

void LeaseDispatcher::end_lease(HeldBy& device, std::uint64_t lease_id, Instant now) {
  measure(device, device.leases.at(lease_id), now);
  device.leases.erase(lease_id);
  // The next lease can have begun only when this one ended.
  const auto next = device.leases.lower_bound(lease_id);
  if (next != device.leases.end()) next->second.started = now;
}

/// Samples over time, the last second or so of work counting most. Not a mean of speeds: when a full link
/// lets answers come in bursts, the lease behind another seems to have taken no time at all.
void LeaseDispatcher::measure(HeldBy& device, const HeldLease& lease, Instant now) {
  if (lease.answered == 0) return;
  constexpr double kShortestSeconds = 1e-4;
  const double seconds_taken = to_seconds(now - lease.started);
  const double weight_of_old = std::exp2(-seconds_taken / limits_.lease_seconds);
  device.measured_samples = device.measured_samples * weight_of_old + static_cast<double>(lease.answered);
  device.measured_seconds = device.measured_seconds * weight_of_old + seconds_taken;
  device.samples_per_second = device.measured_samples / std::max(device.measured_seconds, kShortestSeconds);
  device.last_lease_samples = lease.answered;
}

void LeaseDispatcher::count_holder(UnitRange units, int change) {
  for (std::uint32_t pass = units.first_pass; pass < units.last_pass; ++pass) {
    const std::size_t index = static_cast<std::size_t>(pass) * ledger_.tiles() + units.tile;
    holders_[index] = static_cast<std::uint16_t>(holders_[index] + change);
    if (holders_[index] == 0) cursor_ = std::min<std::uint64_t>(cursor_, index);
  }
}

void LeaseDispatcher::count_holder(const HeldBy& device, int change) {
  for (const auto& [id, lease] : device.leases) {
    for (const UnitRange& units : lease.units) count_holder(units, change);
  }
}

void LeaseDispatcher::set_suspect(HeldBy& device, bool suspect) {
  if (device.suspect == suspect) return;
  device.suspect = suspect;
  count_holder(device, suspect ? -1 : +1);
}

std::uint64_t LeaseDispatcher::held_samples(const HeldBy& device) const {
  std::uint64_t samples = 0;
  for (const auto& [id, lease] : device.leases) {
    for (const UnitRange& units : lease.units) samples += ledger_.samples_in(units);
  }
  return samples;
}

double LeaseDispatcher::seconds_left(const HeldBy& device) const {
  if (device.samples_per_second <= 0) return kInfinity;
  return static_cast<double>(held_samples(device)) / device.samples_per_second;
}

}  // namespace oct
