#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "farm/subnet.hpp"
#include "net/adapters.hpp"
#include "net/host_port.hpp"
#include "wire/limits.hpp"

namespace oct {

/// Where a user wants daemons to be looked for.
struct ScanChoice {
  std::vector<std::string> subnets;    ///< "10.0.0.0/24" or an adapter's name; empty = all adapters
  std::vector<std::string> addresses;  ///< of single computers, asked in every round
  std::uint16_t port = kDaemonPort;
  std::string source = {};  ///< numeric address of this computer to ask from; empty = as the system chooses
};

/// A subnet whose addresses are asked one after the other.
struct ScanSubnet {
  Subnet subnet;
  std::string adapter;    ///< its name; empty = none of this computer is in it
  std::string broadcast;  ///< directed broadcast address; empty = none
  friend bool operator==(const ScanSubnet&, const ScanSubnet&) = default;
};

/// A subnet of this computer whose addresses are not asked.
struct LeftOutSubnet {
  Subnet subnet;
  std::string adapter;
  friend bool operator==(const LeftOutSubnet&, const LeftOutSubnet&) = default;
};

struct ScanTargets {
  std::vector<ScanSubnet> subnets;
  std::vector<LeftOutSubnet> left_out;  ///< of virtual adapters that lead nowhere else
  std::vector<HostPort> addresses;
  std::uint16_t port = kDaemonPort;
  std::string this_computer = "127.0.0.1";  ///< where its own daemon is asked
  std::vector<std::string> warnings;        ///< for people
  friend bool operator==(const ScanTargets&, const ScanTargets&) = default;

  bool contains(Ipv4 address) const;
  /// "10.0.0.0/24, 10.0.1.0/24"
  std::string subnets_text() const;
  /// "10.0.0.0/24 (Ethernet) port 48000"
  std::string text() const;
  /// "172.17.0.0/16 (docker0)"; empty when nothing is left out
  std::string left_out_text() const;
};

/// Physical adapters count, and what stands on one or carries routes to other networks: bonds, bridges, VLANs, virtual
/// switches, VPNs. Where there is none, all but loopback do, so that it works in virtual computers. An adapter that is
/// named may have no address yet. With a source and no
/// subnets it is that address's adapter alone. invalid_input for what is neither a subnet nor an adapter, and for
/// addresses that are none.
Result<ScanTargets> scan_targets(const ScanChoice& choice, const std::vector<Adapter>& adapters);

}  // namespace oct
