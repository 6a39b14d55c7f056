#pragma once
#include <cstdint>
#include <string>

#include "daemon/occupancy.hpp"
#include "daemon/slave_inquiry.hpp"
#include "daemon/slave_supervisor.hpp"

namespace oct {

struct DaemonIdentity {
  std::string id, name, platform;
  std::uint64_t run = 0;  ///< random: no other daemon has it
  std::uint16_t port = 0;
};

/// What a daemon tells askers of itself.
class SelfDescription {
 public:
  /// What it describes must outlive it.
  SelfDescription(DaemonIdentity identity, const Occupancy& occupancy, const SlaveInquiry& inquiry,
                  const SlaveSupervisor& slave)
      : identity_(std::move(identity)), occupancy_(occupancy), inquiry_(inquiry), slave_(slave) {}

  DaemonMode mode(Moment now) const;
  /// Of modes paused, crashed, no_slave; empty otherwise.
  std::string reason(Moment now) const;
  /// For a datagram; nonce, farm and port are the caller's to fill in.
  DaemonStatus status(Moment now) const;
  DaemonDescription description(Moment now) const;
  std::uint16_t port() const { return identity_.port; }

 private:
  std::uint64_t paused_until(Moment now) const;

  DaemonIdentity identity_;
  const Occupancy& occupancy_;
  const SlaveInquiry& inquiry_;
  const SlaveSupervisor& slave_;
};

}  // namespace oct
