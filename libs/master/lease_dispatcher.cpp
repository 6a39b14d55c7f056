#include "master/lease_dispatcher.hpp"

#include <algorithm>
#include <iterator>

#include "base/check.hpp"

namespace oct {
namespace {

constexpr std::uint32_t kMostHolders = 2;  // more would only burn electricity
/// Leases' worth of time that a holder may still need before an idle device prefers its units to the next frame.
constexpr double kSlowLeases = 2;

/// Whether the ledger would still take something of these units.
bool is_wanted(const Ledger& ledger, UnitRange units) {
  return ledger.is_open(units) && !ledger.all_filled(units);
}

}  // namespace

// Frames and devices.

void LeaseDispatcher::add_frame(FrameCore& frame) {
  frames_.push_back(&frame);
}

std::vector<std::pair<DeviceKey, std::uint64_t>> LeaseDispatcher::remove_frame(FrameId id, Instant now) {
  std::vector<std::pair<DeviceKey, std::uint64_t>> held;
  for (auto& [key, device] : devices_) {
    device.ready.erase(id);
    for (const std::uint64_t lease_id : leases_of(key)) {
      if (device.work.find(lease_id)->frame != id) continue;
      device.work.close(lease_id, limits_.lease_seconds, now);
      held.emplace_back(key, lease_id);
    }
  }
  std::erase_if(frames_, [&](const FrameCore* frame) { return frame->id == id; });
  return held;
}

DeviceKey LeaseDispatcher::add_device(Instant now, bool fills_at_once) {
  const DeviceKey key = next_key();
  devices_.emplace(key, Device{DeviceWork(now), fills_at_once});
  return key;
}

std::uint32_t LeaseDispatcher::remove_device(DeviceKey key) {
  const Device* device = find(key);
  if (device == nullptr) return 0;
  for (const auto& [id, lease] : device->work.leases()) release(*device, lease);
  const std::uint32_t leases = leases_held(key);
  devices_.erase(key);
  return leases;
}

void LeaseDispatcher::set_ready(DeviceKey key, FrameId id) {
  if (Device* device = find(key)) device->ready.insert(id);
}

std::uint32_t LeaseDispatcher::set_not_ready(DeviceKey key, FrameId id, Instant now) {
  Device* device = find(key);
  if (device == nullptr || device->ready.erase(id) == 0) return 0;
  std::uint32_t returned = 0;
  for (const std::uint64_t lease_id : leases_of(key)) {
    if (device->work.find(lease_id)->frame != id) continue;
    hand_back(key, lease_id, now);
    ++returned;
  }
  return returned;
}

bool LeaseDispatcher::is_ready(DeviceKey key, FrameId id) const {
  const Device* device = find(key);
  return device != nullptr && device->ready.contains(id);
}

// Granting.

bool LeaseDispatcher::has_credit(DeviceKey key) const {
  const Device* device = find(key);
  return granting_ && device != nullptr && !device->work.suspect &&
         device->work.leases().size() < limits_.leases_held;
}

std::optional<GrantedLease> LeaseDispatcher::next_lease(DeviceKey key, Instant now) {
  if (!has_credit(key)) return std::nullopt;
  Device& device = *find(key);
  const bool idle = device.work.idle();
  for (FrameCore* frame : frames_) {
    if (!device.ready.contains(frame->id)) continue;
    std::vector<UnitRange> units = frame->pool.take(frame->ledger, wanted_samples(device, *frame),
                                                    limits_.max_lease_units, device.work.network_bound);
    // The next frame waits for nobody, but this one must not wait for a device that crawls.
    if (units.empty() && idle) units = take_over(key, *frame, kSlowLeases * limits_.lease_seconds);
    if (!units.empty()) return grant(device, *frame, std::move(units), now);
  }
  if (!idle) return std::nullopt;
  for (FrameCore* frame : frames_) {
    if (!device.ready.contains(frame->id)) continue;
    std::vector<UnitRange> units = take_over(key, *frame, 0);
    if (!units.empty()) return grant(device, *frame, std::move(units), now);
  }
  return std::nullopt;
}

std::optional<GrantedLease> LeaseDispatcher::grant(Device& device, FrameCore& frame,
                                                   std::vector<UnitRange> units, Instant now) {
  HeldLease held;
  held.frame = frame.id;
  for (const UnitRange& range : units) held.units.push_back({range, frame.ledger.samples_in(range), false});
  const std::uint64_t id = next_lease_id_++;
  device.work.grant(id, std::move(held), now);
  return GrantedLease{frame.id, {id, std::move(units)}};
}

void LeaseDispatcher::add_audit(DeviceKey key, std::uint64_t lease_id, UnitRange range) {
  Device* device = find(key);
  HeldLease* lease = device == nullptr ? nullptr : device->work.find(lease_id);
  OCT_CHECK(lease != nullptr);
  lease->units.push_back({range, frame(lease->frame)->ledger.samples_in(range), true});
}

GrantedLease LeaseDispatcher::audit_lease(DeviceKey key, FrameId id, std::vector<UnitRange> units,
                                          Instant now) {
  HeldLease held;
  held.frame = id;
  for (const UnitRange& range : units)
    held.units.push_back({range, frame(id)->ledger.samples_in(range), true});
  const std::uint64_t lease_id = next_lease_id_++;
  find(key)->work.grant(lease_id, std::move(held), now);
  return {id, {lease_id, std::move(units)}};
}

/// Samples of the next lease: a second's worth, growing step by step from a small first one, and shrinking
/// near the end to half of this device's share of what is left, so that all devices finish together.
std::uint64_t LeaseDispatcher::wanted_samples(const Device& device, const FrameCore& frame) const {
  const double speed = device.work.samples_per_second();
  if (speed <= 0) return first_samples(device, frame);
  const double total_speed = samples_per_second_of_ready(frame.id);
  const double second = speed * limits_.lease_seconds;
  const double share =
      static_cast<double>(frame.ledger.samples_left()) * speed / std::max(total_speed, speed) / 2;
  const double grown = static_cast<double>(device.work.last_lease_samples()) * limits_.growth;
  return static_cast<std::uint64_t>(std::max(1.0, std::min({second, share, grown})));
}

/// Of a device whose speed is not known: what fills it, but no more than its share of a small picture.
std::uint64_t LeaseDispatcher::first_samples(const Device& device, const FrameCore& frame) const {
  if (!device.fills_at_once) return limits_.first_lease_samples;
  const auto ready = std::ranges::count_if(
      devices_, [&](const auto& entry) { return entry.second.ready.contains(frame.id); });
  const std::uint64_t share =
      frame.ledger.samples_left() / std::max<std::uint64_t>(1, static_cast<std::uint64_t>(ready));
  return std::max(limits_.first_lease_samples, std::min(limits_.first_gpu_lease_samples, share));
}

/// The device that will be busy longest, of those that hold units of the frame; nullptr when none needs
/// `least_seconds`.
const LeaseDispatcher::Device* LeaseDispatcher::longest_holder(DeviceKey taker, FrameId id,
                                                               double least_seconds) const {
  const Device* holder = nullptr;
  for (const auto& [key, device] : devices_) {
    if (key == taker || device.work.suspect || device.work.held_samples(id) == 0) continue;
    const double seconds_left = device.work.seconds_left();
    // Nothing is known yet of a device that has answered nothing: that it is slow least of all.
    if (least_seconds > 0 && (device.work.samples_per_second() <= 0 || seconds_left < least_seconds))
      continue;
    if (holder == nullptr || seconds_left > holder->work.seconds_left()) holder = &device;
  }
  return holder;
}

/// For an idle device when nothing is free: the last units of the device that will be busy longest, half of
/// what it holds at most, and only those that the idle device is likely to finish first.
std::vector<UnitRange> LeaseDispatcher::take_over(DeviceKey taker_key, FrameCore& frame,
                                                  double least_seconds) {
  const Device* holder = longest_holder(taker_key, frame.id, least_seconds);
  if (holder == nullptr) return {};
  const Device& taker = *find(taker_key);
  const double speed = taker.work.samples_per_second();
  const double holder_seconds = holder->work.seconds_left();
  const std::uint64_t held = holder->work.held_samples(frame.id);
  const std::uint64_t most =
      holder->work.samples_per_second() > 0 ? std::max<std::uint64_t>(held / 2, 1) : held;
  const std::uint64_t wanted = wanted_samples(taker, frame);

  std::vector<UnitRange> units;
  std::uint64_t taken = 0;
  const auto& leases = holder->work.leases();
  for (auto lease = leases.rbegin(); lease != leases.rend(); ++lease) {
    if (lease->second.frame != frame.id) continue;
    for (auto unit = lease->second.units.rbegin(); unit != lease->second.units.rend(); ++unit) {
      const double taker_seconds = speed > 0 ? static_cast<double>(taken + unit->samples) / speed : 0;
      if ((taken > 0 && taken + unit->samples > most) || taken >= wanted) return units;
      if (units.size() >= limits_.max_lease_units || taker_seconds >= holder_seconds) return units;
      if (unit->audit || !is_wanted(frame.ledger, unit->units) ||
          frame.pool.holders(unit->units.tile, unit->units.first_pass) >= kMostHolders)
        continue;
      units.push_back(unit->units);
      frame.pool.hold(unit->units);
      taken += unit->samples;
    }
  }
  return units;
}

// Answers.

const HeldLease* LeaseDispatcher::lease(DeviceKey key, std::uint64_t lease_id) const {
  const Device* device = find(key);
  return device == nullptr ? nullptr : device->work.find(lease_id);
}

const HeldUnits* LeaseDispatcher::units(DeviceKey key, std::uint64_t lease_id, UnitRange range) const {
  const Device* device = find(key);
  return device == nullptr ? nullptr : device->work.find(lease_id, range);
}

bool LeaseDispatcher::settle(DeviceKey key, std::uint64_t lease_id, UnitRange range, Instant now) {
  const HeldUnits* held = units(key, lease_id, range);
  if (held == nullptr) return false;
  Device& device = *find(key);
  if (!device.work.suspect && !held->audit) frame(device.work.find(lease_id)->frame)->pool.release(range);
  device.work.answered(lease_id, range, limits_.lease_seconds, now);
  set_suspect(device, false);
  return true;
}

std::size_t LeaseDispatcher::hand_back(DeviceKey key, std::uint64_t lease_id, Instant now) {
  Device* device = find(key);
  if (device == nullptr || device->work.find(lease_id) == nullptr) return 0;
  const HeldLease& lease = *device->work.find(lease_id);
  const std::size_t units_returned = units_wanted(lease);
  release(*device, lease);
  device->work.close(lease_id, limits_.lease_seconds, now);
  return units_returned;
}

/// What a lease still holds is not held by it any more; a suspect's counts for nothing already.
void LeaseDispatcher::release(const Device& device, const HeldLease& lease) {
  if (device.work.suspect) return;
  for (const HeldUnits& held : lease.units) {
    if (!held.audit) frame(lease.frame)->pool.release(held.units);
  }
}

std::size_t LeaseDispatcher::units_wanted(const HeldLease& lease) const {
  const Ledger& ledger = frame(lease.frame)->ledger;
  return static_cast<std::size_t>(
      std::count_if(lease.units.begin(), lease.units.end(),
                    [&](const HeldUnits& held) { return held.audit || is_wanted(ledger, held.units); }));
}

std::vector<std::uint64_t> LeaseDispatcher::superseded(DeviceKey key) {
  std::vector<std::uint64_t> ids;
  Device* device = find(key);
  if (device == nullptr) return ids;
  for (const std::uint64_t id : leases_of(key)) {
    HeldLease& lease = *device->work.find(id);
    if (lease.superseded || units_wanted(lease) > 0) continue;
    lease.superseded = true;
    ids.push_back(id);
  }
  return ids;
}

// Suspicion.

void LeaseDispatcher::touch(DeviceKey key, Instant now) {
  Device* device = find(key);
  if (device == nullptr) return;
  device->work.touch(now);
  set_suspect(*device, false);
}

std::vector<DeviceKey> LeaseDispatcher::tick(Instant now) {
  std::vector<DeviceKey> suspects;
  for (auto& [key, device] : devices_) {
    if (device.work.suspect || !device.work.is_overdue(limits_.suspect_after, limits_.suspect_factor, now))
      continue;
    set_suspect(device, true);
    suspects.push_back(key);
  }
  return suspects;
}

void LeaseDispatcher::set_suspect(Device& device, bool suspect) {
  if (device.work.suspect == suspect) return;
  device.work.suspect = suspect;
  for (const auto& [id, lease] : device.work.leases()) {
    for (const HeldUnits& held : lease.units) {
      if (held.audit) continue;
      FramePool& pool = frame(lease.frame)->pool;
      suspect ? pool.release(held.units) : pool.hold(held.units);
    }
  }
}

bool LeaseDispatcher::is_suspect(DeviceKey key) const {
  const Device* device = find(key);
  return device != nullptr && device->work.suspect;
}

// What is known of a device.

void LeaseDispatcher::set_network_bound(DeviceKey key, bool bound) {
  if (Device* device = find(key)) device->work.network_bound = bound;
}

std::uint32_t LeaseDispatcher::leases_held(DeviceKey key) const {
  const Device* device = find(key);
  return device == nullptr ? 0 : static_cast<std::uint32_t>(device->work.leases().size());
}

std::uint32_t LeaseDispatcher::leases_held() const {
  std::uint32_t count = 0;
  for (const auto& [key, device] : devices_) count += leases_held(key);
  return count;
}

std::vector<std::uint64_t> LeaseDispatcher::leases_of(DeviceKey key) const {
  std::vector<std::uint64_t> ids;
  const Device* device = find(key);
  if (device == nullptr) return ids;
  for (const auto& [id, lease] : device->work.leases()) ids.push_back(id);
  return ids;
}

double LeaseDispatcher::samples_per_second(DeviceKey key) const {
  const Device* device = find(key);
  return device == nullptr ? 0 : device->work.samples_per_second();
}

double LeaseDispatcher::samples_per_second_of_ready(FrameId id) const {
  double sum = 0;
  for (const auto& [key, device] : devices_) {
    if (!device.work.suspect && device.ready.contains(id)) sum += device.work.samples_per_second();
  }
  return sum;
}

double LeaseDispatcher::seconds_busy(DeviceKey key) const {
  const Device* device = find(key);
  return device == nullptr ? 0 : device->work.seconds_busy();
}

FrameCore* LeaseDispatcher::frame(FrameId id) const {
  const auto found =
      std::find_if(frames_.begin(), frames_.end(), [&](const FrameCore* frame) { return frame->id == id; });
  OCT_CHECK(found != frames_.end());  // leases of a frame are closed before it goes
  return *found;
}

LeaseDispatcher::Device* LeaseDispatcher::find(DeviceKey key) {
  const auto found = devices_.find(key);
  return found == devices_.end() ? nullptr : &found->second;
}

const LeaseDispatcher::Device* LeaseDispatcher::find(DeviceKey key) const {
  const auto found = devices_.find(key);
  return found == devices_.end() ? nullptr : &found->second;
}

}  // namespace oct
