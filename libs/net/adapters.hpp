#pragma once
#include <string>
#include <vector>

namespace oct {

/// One IPv4 address of a network adapter that is up; or an adapter that has none now, with an empty address.
struct Adapter {
  std::string name;            ///< "eth0", "Ethernet"
  std::string address;         ///< numeric
  unsigned prefix_length = 0;  ///< of its subnet: 24
  std::string broadcast;       ///< directed broadcast address of the subnet; empty where there is none
  bool loopback = false;
  /// A real network card, wired or not: no bridge of containers, no tunnel, no virtual machine's network.
  bool physical = false;
  /// It stands in for a real card (a bond, bridge, VLAN or virtual switch on top of one), or routes lead through it to
  /// other networks (a VPN).
  bool uplink = false;
  friend bool operator==(const Adapter&, const Adapter&) = default;
};

/// All of them, in the system's order; empty when the system does not tell.
std::vector<Adapter> list_adapters();

/// All addresses that a program of this computer can listen at, IPv6 among them: "10.0.0.103", "fd00::11",
/// "fe80::1%eth0". In the system's order; empty when it does not tell.
std::vector<std::string> list_addresses();

}  // namespace oct
