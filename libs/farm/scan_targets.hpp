#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "farm/subnet.hpp"
#include "net/adapters.hpp"
#include "wire/limits.hpp"

namespace oct {

/// A computer by name or address, and a port.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
  friend bool operator==(const HostPort&, const HostPort&) = default;

  /// "RENDER1:48010", "[fe80::1]:48000"
  std::string text() const;
};

/// "RENDER1", "10.0.0.11:48010", "fe80::1", "[fe80::1]:48010". invalid_input otherwise.
Result<HostPort> host_port_from_text(std::string_view text, std::uint16_t default_port);

/// Where a user wants daemons to be looked for.
struct ScanChoice {
  std::vector<std::string> subnets;    ///< "10.0.0.0/24" or an adapter's name; empty = all adapters
  std::vector<std::string> addresses;  ///< of single computers, asked in every round
  std::uint16_t port = kDaemonPort;
};

/// A subnet whose addresses are asked one after the other.
struct ScanSubnet {
  Subnet subnet;
  std::string adapter;    ///< its name; empty = none of this computer is in it
  std::string broadcast;  ///< directed broadcast address; empty = none
  friend bool operator==(const ScanSubnet&, const ScanSubnet&) = default;
};

struct ScanTargets {
  std::vector<ScanSubnet> subnets;
  std::vector<HostPort> addresses;
  std::uint16_t port = kDaemonPort;
  std::vector<std::string> warnings;  ///< for people
  friend bool operator==(const ScanTargets&, const ScanTargets&) = default;

  bool contains(Ipv4 address) const;
  /// "10.0.0.0/24, 10.0.1.0/24"
  std::string subnets_text() const;
  /// "10.0.0.0/24 (Ethernet) port 48000"
  std::string text() const;
};

/// Physical adapters count; where none is physical, all but loopback do, so that it works in virtual
/// computers. invalid_input for what is neither a subnet nor an adapter, and for addresses that are none.
Result<ScanTargets> scan_targets(const ScanChoice& choice, const std::vector<Adapter>& adapters);

}  // namespace oct
