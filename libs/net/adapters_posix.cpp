#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <bit>
#include <memory>

#include "net/adapters.hpp"

namespace oct {
namespace {

std::string text_of(std::uint32_t network_order) {
  char text[INET_ADDRSTRLEN] = {};
  const in_addr address{network_order};
  return ::inet_ntop(AF_INET, &address, text, sizeof text) == nullptr ? std::string() : std::string(text);
}

std::uint32_t ipv4_of(const sockaddr* address) {
  return reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr;
}

/// The kernel links an adapter to its device where there is one: bridges, tunnels and pairs have none.
bool has_device(const std::string& name) {
  struct stat ignored {};
  return ::stat(fmt::format("/sys/class/net/{}/device", name).c_str(), &ignored) == 0;
}

Adapter adapter_of(const ifaddrs& entry) {
  const std::uint32_t address = ipv4_of(entry.ifa_addr), mask = ipv4_of(entry.ifa_netmask);
  Adapter adapter;
  adapter.name = entry.ifa_name;
  adapter.address = text_of(address);
  adapter.prefix_length = static_cast<unsigned>(std::popcount(mask));
  adapter.loopback = (entry.ifa_flags & IFF_LOOPBACK) != 0;
  if ((entry.ifa_flags & IFF_BROADCAST) != 0 && adapter.prefix_length < 31)
    adapter.broadcast = text_of(address | ~mask);
  adapter.physical = !adapter.loopback && has_device(adapter.name);
  return adapter;
}

}  // namespace

std::vector<Adapter> list_adapters() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> list(first, &::freeifaddrs);
  std::vector<Adapter> adapters;
  for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_netmask == nullptr) continue;
    if (entry->ifa_addr->sa_family != AF_INET || (entry->ifa_flags & IFF_UP) == 0) continue;
    adapters.push_back(adapter_of(*entry));
  }
  return adapters;
}

}  // namespace oct
