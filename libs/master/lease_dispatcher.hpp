#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/instant.hpp"
#include "device/device.hpp"
#include "master/device_work.hpp"
#include "master/frame_core.hpp"

namespace oct {

/// A device as the dispatcher knows it, local or of a slave; never reused within a session.
using DeviceKey = std::uint32_t;

struct DispatchLimits {
  double lease_seconds = 1;                   ///< what a lease should take its device
  std::uint32_t leases_held = 2;              ///< credit: so that a device never waits for the next one
  std::uint64_t first_lease_samples = 32768;  ///< of a device whose speed is not known yet
  /// The same of a GPU of this computer: about what it has in flight at a time. With less it would be idle for most of its
  /// first leases. That of a slave begins small: its first answers tell how wide the way is.
  std::uint64_t first_gpu_lease_samples = 1u << 20;
  std::uint32_t growth = 8;              ///< a lease has at most this many times the samples of the last one
  std::uint32_t max_lease_units = 1024;  ///< ranges in a lease
  Duration suspect_after = seconds(3);   ///< at least; without a finished unit
  std::uint32_t suspect_factor = 4;      ///< times the usual duration of a unit
};

struct GrantedLease {
  FrameId frame = kNoFrame;
  Lease lease;
};

/// Decides which device renders which units when, over all frames of a session. The oldest frame comes first, the
/// next one when nothing is free there; leases take about a second by the measured speed; near the end an idle device
/// takes over what a slower one still holds. It knows no connections: the ledger makes what it does safe, so it may
/// give out a unit as often as it helps. It holds the session's one lease counter. Pure; one thread; time is a
/// parameter.
class LeaseDispatcher {
 public:
  explicit LeaseDispatcher(const DispatchLimits& limits = {}) : limits_(limits) {}

  /// Behind the frames that are there. It must stay where it is until it is removed.
  void add_frame(FrameCore& frame);
  /// Nothing more is wanted of it. Returns the leases that devices still hold of it, for recalling; their devices
  /// have credit again.
  std::vector<std::pair<DeviceKey, std::uint64_t>> remove_frame(FrameId frame, Instant now);

  ///   fills_at_once  its first lease is what fills a GPU
  DeviceKey add_device(Instant now, bool fills_at_once = false);
  /// A number like those of devices, for what takes no leases.
  DeviceKey next_key() { return next_device_++; }
  /// Gone: what it held goes back to the pools. Returns how many leases that were.
  std::uint32_t remove_device(DeviceKey device);

  /// The device has the frame's scene and takes its leases; or not any more, and those that it holds go back. The
  /// latter returns how many those were.
  void set_ready(DeviceKey device, FrameId frame);
  std::uint32_t set_not_ready(DeviceKey device, FrameId frame, Instant now);
  bool is_ready(DeviceKey device, FrameId frame) const;

  /// The next lease for a device; none if it has no credit, is suspect, or nothing useful is left.
  std::optional<GrantedLease> next_lease(DeviceKey device, Instant now);
  /// Room for one more lease.
  bool has_credit(DeviceKey device) const;
  /// Adds units that are rendered again to compare, at the end of a lease that was just granted.
  void add_audit(DeviceKey device, std::uint64_t lease_id, UnitRange units);
  /// A lease of such units alone.
  GrantedLease audit_lease(DeviceKey device, FrameId frame, std::vector<UnitRange> units, Instant now);

  /// The lease; nullptr when the device does not hold it.
  const HeldLease* lease(DeviceKey device, std::uint64_t lease_id) const;
  /// These units of it; nullptr when it does not hold exactly this range.
  const HeldUnits* units(DeviceKey device, std::uint64_t lease_id, UnitRange units) const;

  /// A contribution for units of a lease has arrived, merged or not. False when the device does not hold them.
  bool settle(DeviceKey device, std::uint64_t lease_id, UnitRange units, Instant now);

  /// The device does no more of this lease: what it has not answered goes back to the pool. Returns how many
  /// units nobody has answered, 0 for a lease that it does not hold.
  std::size_t hand_back(DeviceKey device, std::uint64_t lease_id, Instant now);

  /// The device's progress counter has moved: it is alive, whatever it has finished.
  void touch(DeviceKey device, Instant now);

  /// Looks for devices that have finished nothing for too long; what they hold may be taken by others from
  /// now on. Returns those that became suspect.
  std::vector<DeviceKey> tick(Instant now);
  bool is_suspect(DeviceKey device) const;

  /// Leases of a device of which nothing is wanted any more, since others have answered all that was left of
  /// them; each is named once. They are held until the device hands them back.
  std::vector<std::uint64_t> superseded(DeviceKey device);

  /// From now on nothing is given out.
  void stop_granting() { granting_ = false; }

  /// The way from this device to the master is the limit: it is given several passes of a tile as one sum.
  void set_network_bound(DeviceKey device, bool bound);

  std::uint32_t leases_held(DeviceKey device) const;
  std::uint32_t leases_held() const;                             ///< by all devices
  std::vector<std::uint64_t> leases_of(DeviceKey device) const;  ///< their ids
  double samples_per_second(DeviceKey device) const;             ///< 0 = not measured yet
  /// Of all devices together that take leases of this frame and are not suspect.
  double samples_per_second_of_ready(FrameId frame) const;
  double seconds_busy(
      DeviceKey device) const;  ///< time with at least one lease, up to the last finished unit

 private:
  struct Device {
    DeviceWork work;
    bool fills_at_once = false;
    std::set<FrameId> ready = {};
  };

  std::optional<GrantedLease> grant(Device& device, FrameCore& frame, std::vector<UnitRange> units,
                                    Instant now);
  std::uint64_t wanted_samples(const Device& device, const FrameCore& frame) const;
  std::uint64_t first_samples(const Device& device, const FrameCore& frame) const;
  std::vector<UnitRange> take_over(DeviceKey taker, FrameCore& frame, double least_seconds);
  const Device* longest_holder(DeviceKey taker, FrameId frame, double least_seconds) const;
  std::size_t units_wanted(const HeldLease& lease) const;
  void release(const Device& device, const HeldLease& lease);
  void set_suspect(Device& device, bool suspect);
  FrameCore* frame(FrameId id) const;
  Device* find(DeviceKey key);
  const Device* find(DeviceKey key) const;

  DispatchLimits limits_;
  std::vector<FrameCore*> frames_;  ///< oldest first
  std::map<DeviceKey, Device> devices_;
  std::uint64_t next_lease_id_ = 1;
  DeviceKey next_device_ = 0;
  bool granting_ = true;
};

}  // namespace oct
