#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace oct {

/// A line of the system's table of IPv4 routes. Addresses are numbers: 10.0.0.1 is 0x0a000001.
struct Route {
  std::string adapter;            ///< its name
  std::uint32_t destination = 0;  ///< first address
  unsigned prefix_length = 0;     ///< 0: the default route
  friend bool operator==(const Route&, const Route&) = default;
};

/// Whether it leads somewhere else than to the adapter's own subnet, to all members of a group, or nowhere: then other
/// computers are meant to be reached through that adapter.
bool leads_beyond(const Route& route, std::uint32_t own_address, unsigned own_prefix_length);

/// What Linux shows in /proc/net/route. Lines that are not understood are left out.
std::vector<Route> routes_from_proc(std::string_view text);

}  // namespace oct
