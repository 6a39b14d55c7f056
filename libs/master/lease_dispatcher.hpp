#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/instant.hpp"
#include "device/device.hpp"
#include "master/ledger.hpp"

namespace oct {

/// A device as the dispatcher knows it, local or of a slave; never reused within a render.
using DeviceKey = std::uint32_t;

struct DispatchLimits {
  double lease_seconds = 1;                   ///< what a lease should take its device
  std::uint32_t leases_held = 2;              ///< credit: so that a device never waits for the next one
  std::uint64_t first_lease_samples = 32768;  ///< of a device whose speed is not known yet
  std::uint32_t growth = 8;              ///< a lease has at most this many times the samples of the last one
  std::uint32_t max_lease_units = 1024;  ///< ranges in a lease
  Duration suspect_after = seconds(3);   ///< at least; without a finished unit
  std::uint32_t suspect_factor = 4;      ///< times the usual duration of a unit
};

/// Decides which device renders which units when. Units are given out by pass, so that the picture refines
/// evenly; leases take about a second by the measured speed; near the end an idle device takes over what a
/// slower one still holds. It knows no connections: the ledger makes what it does safe, so it may give out a
/// unit as often as it helps. Pure; one thread; time is a parameter.
class LeaseDispatcher {
 public:
  /// `ledger` must outlive it and is only read.
  LeaseDispatcher(const Ledger& ledger, const DispatchLimits& limits = {});

  DeviceKey add_device(Instant now);

  /// Gone: what it held goes back to the pool. Returns how many leases that were.
  std::uint32_t remove_device(DeviceKey device);

  /// The next lease for a device, if it has credit, is not suspect, and something is left that it should do.
  std::optional<Lease> next_lease(DeviceKey device, Instant now);

  /// Whether the device holds this lease, or these units of it.
  bool holds(DeviceKey device, std::uint64_t lease_id) const;
  bool holds(DeviceKey device, std::uint64_t lease_id, UnitRange units) const;

  /// A contribution for units of a lease has arrived, merged or not. False when the device does not hold
  /// them.
  bool settle(DeviceKey device, std::uint64_t lease_id, UnitRange units, Instant now);

  /// The device does no more of this lease: what it has not answered goes back to the pool. Returns how many
  /// units nobody has answered, 0 for a lease that it does not hold.
  std::size_t hand_back(DeviceKey device, std::uint64_t lease_id, Instant now);

  /// The device's progress counter has moved: it is alive, whatever it has finished.
  void touch(DeviceKey device, Instant now);

  /// Looks for devices that have finished nothing for too long; what they hold may be taken by others from
  /// now on.
  void tick(Instant now);
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
  double seconds_busy(
      DeviceKey device) const;  ///< time with at least one lease, up to the last finished unit

 private:
  struct HeldLease {
    std::vector<UnitRange> units;  ///< not yet answered, in the order granted
    std::uint64_t answered = 0;    ///< samples answered so far
    Instant started;               ///< when the device can have begun with it
    bool superseded = false;       ///< told
  };
  struct HeldBy {
    std::map<std::uint64_t, HeldLease> leases;
    double samples_per_second = 0;
    double measured_samples = 0,
           measured_seconds = 0;  ///< what it is the quotient of; older work counts less
    double seconds_busy = 0;
    std::uint64_t last_lease_samples = 0;
    Instant last_progress;
    Instant busy_since;
    bool suspect = false;
    bool network_bound = false;
  };

  bool available(std::uint32_t tile, std::uint32_t pass) const;
  std::uint64_t wanted_samples(const HeldBy& device) const;
  std::vector<UnitRange> take_from_pool(std::uint64_t samples, bool wide);
  std::vector<UnitRange> take_over(DeviceKey device, std::uint64_t samples) const;
  UnitRange widened(std::uint32_t tile, std::uint32_t pass, std::uint64_t samples) const;
  std::size_t units_wanted(const HeldLease& lease) const;
  void end_lease(HeldBy& device, std::uint64_t lease_id, Instant now);
  void measure(HeldBy& device, const HeldLease& lease, Instant now);
  void count_holder(UnitRange units, int change);
  void count_holder(const HeldBy& device, int change);
  void set_suspect(HeldBy& device, bool suspect);
  double seconds_left(const HeldBy& device) const;
  std::uint64_t held_samples(const HeldBy& device) const;

  const Ledger& ledger_;
  DispatchLimits limits_;
  std::map<DeviceKey, HeldBy> devices_;
  std::vector<std::uint16_t> holders_;  ///< trusted leases on each unit, by pass, then tile
  std::uint64_t cursor_ = 0;            ///< no unit before it is available
  std::uint64_t next_lease_id_ = 1;
  DeviceKey next_device_ = 0;
  bool granting_ = true;
};

}  // namespace oct
