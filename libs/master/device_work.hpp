#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include "base/instant.hpp"
#include "film/contribution.hpp"
#include "wire/frame_id.hpp"

namespace oct {

/// Units of a lease that are not answered yet.
struct HeldUnits {
  UnitRange units{};
  std::uint64_t samples = 0;  ///< of all their pixels
  bool audit = false;         ///< rendered again to compare; counts for nothing else
};

/// A lease that a device holds.
struct HeldLease {
  FrameId frame = kNoFrame;
  std::vector<HeldUnits> units;  ///< in the order granted
  std::uint64_t answered = 0;    ///< samples answered so far
  Instant started{};             ///< when the device can have begun with it
  bool superseded = false;       ///< nothing of it is wanted any more, and the device was told
};

/// What one device holds and how fast it is. It outlives frames. Pure; one thread; time is a parameter.
class DeviceWork {
 public:
  explicit DeviceWork(Instant now) : last_progress_(now) {}

  void grant(std::uint64_t lease_id, HeldLease lease, Instant now);
  /// These units of a lease have come. Closes the lease when they were its last.
  void answered(std::uint64_t lease_id, UnitRange units, double lease_seconds, Instant now);
  /// The device does no more of this lease.
  HeldLease close(std::uint64_t lease_id, double lease_seconds, Instant now);
  void touch(Instant now) { last_progress_ = now; }

  const std::map<std::uint64_t, HeldLease>& leases() const { return leases_; }
  HeldLease* find(std::uint64_t lease_id);
  const HeldLease* find(std::uint64_t lease_id) const;
  /// nullptr when it does not hold exactly this range in this lease.
  const HeldUnits* find(std::uint64_t lease_id, UnitRange units) const;

  bool idle() const { return leases_.empty(); }
  double samples_per_second() const { return samples_per_second_; }  ///< 0 = not measured yet
  /// Time with at least one lease, up to the last finished unit.
  double seconds_busy() const { return seconds_busy_; }
  std::uint64_t last_lease_samples() const { return last_lease_samples_; }
  std::uint64_t held_samples(FrameId frame) const;
  /// Until it has answered everything that it holds; infinite while its speed is unknown.
  double seconds_left() const;
  /// Without a finished unit for longer than max(`least`, `factor` x its usual time for its largest unit).
  bool is_overdue(Duration least, double factor, Instant now) const;

  bool suspect = false;        ///< gets nothing, and others may take what it holds
  bool network_bound = false;  ///< the way from it to the master is the limit

 private:
  void measure(const HeldLease& lease, double lease_seconds, Instant now);

  std::map<std::uint64_t, HeldLease> leases_;
  double samples_per_second_ = 0;
  double measured_samples_ = 0,
         measured_seconds_ = 0;  ///< what it is the quotient of; older work counts less
  double seconds_busy_ = 0;
  std::uint64_t last_lease_samples_ = 0;
  Instant last_progress_;
  Instant busy_since_{};
};

}  // namespace oct
