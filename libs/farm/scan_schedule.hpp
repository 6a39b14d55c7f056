#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "base/instant.hpp"
#include "farm/scan_targets.hpp"
#include "net/address.hpp"

namespace oct {

struct ScanLimits {
  Duration interval = seconds(5);         ///< between rounds
  Duration sweep_interval = seconds(60);  ///< between the beginnings of two sweeps
  /// A datagram to a computer that is not there waits some 3 s in the system for its hardware address, and
  /// the table of those has room for 1024: faster, and computers that are there are missed.
  double addresses_per_second = 250;
  Duration retry_pause = milliseconds(100);  ///< after the system had no room
};

/// A question to one address.
struct Probe {
  Endpoint to;
  bool sweep = false;  ///< of the sweep; else of a round
};

/// When to ask which address whether a daemon is there. Each round asks the adapters' directed broadcast
/// addresses, this computer, and the daemons known; a sweep asks all addresses one after the other, at the
/// start, on request, and once a minute, since firewalls may eat answers to a broadcast. Pure; one thread;
/// time is a parameter.
class ScanSchedule {
 public:
  ScanSchedule(const ScanLimits& limits, ScanTargets targets, Instant now);

  /// Other subnets begin a sweep of them.
  void set_targets(ScanTargets targets, Instant now);
  /// Single computers that each round asks: those named by the user, and daemons that answered once.
  void set_known(std::vector<Endpoint> known) { known_ = std::move(known); }
  /// A round and a sweep now.
  void request(Instant now);

  struct Due {
    bool round = false;  ///< a new round begins with these
    std::vector<Probe> probes;
  };
  /// What is to be asked by now. Call it every 20 ms.
  Due due(Instant now);
  /// The system had no room for it: it comes again, and the sweep waits for it.
  void postpone(Probe probe, Instant now);

  bool sweeping() const { return sweep_place_ < targets_.subnets.size() || !postponed_.empty(); }
  const ScanTargets& targets() const { return targets_; }
  const ScanLimits& limits() const { return limits_; }

 private:
  void begin_sweep(Instant now);
  void add_round(Due& due) const;
  void add_sweep(Due& due, Instant now);

  ScanLimits limits_;
  ScanTargets targets_;
  std::vector<Endpoint> known_;
  Instant next_round_, next_sweep_;
  Instant paced_;                ///< until when the budget is computed
  double budget_ = 0;            ///< addresses that may be asked now
  std::size_t sweep_place_ = 0;  ///< subnet of the sweep
  std::uint64_t sweep_host_ = 0;
  std::deque<Probe> postponed_;
  Instant retry_at_;
};

}  // namespace oct
