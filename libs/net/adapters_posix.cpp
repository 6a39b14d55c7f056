#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "net/adapters.hpp"
#include "net/route.hpp"

namespace oct {
namespace {

constexpr unsigned kMostLayers = 4;  // a VLAN on a bridge on a bond on a card

std::string text_of(std::uint32_t network_order) {
  char text[INET_ADDRSTRLEN] = {};
  const in_addr address{network_order};
  return ::inet_ntop(AF_INET, &address, text, sizeof text) == nullptr ? std::string() : std::string(text);
}

std::uint32_t ipv4_of(const sockaddr* address) {
  return reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr;
}

std::string folder_of(const std::string& name) {
  return fmt::format("/sys/class/net/{}", name);
}

/// The kernel links an adapter to its device where there is one: bridges, tunnels and pairs have none.
bool has_device(const std::string& name) {
  struct stat ignored {};
  return ::stat((folder_of(name) + "/device").c_str(), &ignored) == 0;
}

/// Bonds, bridges and VLANs are linked to what they are made of.
bool stands_on_card(const std::string& name, unsigned layers_left = kMostLayers) {
  constexpr std::string_view kMark = "lower_";
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder_of(name), error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string link = entry->path().filename().string();
    if (!link.starts_with(kMark)) continue;
    const std::string lower = link.substr(kMark.size());
    if (has_device(lower) || (layers_left > 1 && stands_on_card(lower, layers_left - 1))) return true;
  }
  return false;
}

std::vector<Route> system_routes() {
  std::ifstream file("/proc/net/route");
  std::ostringstream text;
  text << file.rdbuf();
  return routes_from_proc(text.str());
}

/// Empty where it is neither IPv4 nor IPv6. A link-local one means nothing without its adapter.
std::string address_text(const ifaddrs& entry) {
  if (entry.ifa_addr == nullptr || (entry.ifa_flags & IFF_UP) == 0) return {};
  if (entry.ifa_addr->sa_family == AF_INET) return text_of(ipv4_of(entry.ifa_addr));
  if (entry.ifa_addr->sa_family != AF_INET6) return {};
  const in6_addr& address = reinterpret_cast<const sockaddr_in6*>(entry.ifa_addr)->sin6_addr;
  char text[INET6_ADDRSTRLEN] = {};
  if (::inet_ntop(AF_INET6, &address, text, sizeof text) == nullptr) return {};
  return IN6_IS_ADDR_LINKLOCAL(&address) ? fmt::format("{}%{}", text, entry.ifa_name) : std::string(text);
}

bool has_address(const ifaddrs& entry) {
  return entry.ifa_addr != nullptr && entry.ifa_netmask != nullptr && entry.ifa_addr->sa_family == AF_INET &&
         (entry.ifa_flags & IFF_UP) != 0;
}

Adapter adapter_of(const ifaddrs& entry, const std::vector<Route>& routes) {
  const std::uint32_t address = ipv4_of(entry.ifa_addr), mask = ipv4_of(entry.ifa_netmask);
  Adapter adapter;
  adapter.name = entry.ifa_name;
  adapter.address = text_of(address);
  adapter.prefix_length = static_cast<unsigned>(std::popcount(mask));
  adapter.loopback = (entry.ifa_flags & IFF_LOOPBACK) != 0;
  if ((entry.ifa_flags & IFF_BROADCAST) != 0 && adapter.prefix_length < 31)
    adapter.broadcast = text_of(address | ~mask);
  adapter.physical = !adapter.loopback && has_device(adapter.name);
  const bool has_route = std::any_of(routes.begin(), routes.end(), [&](const Route& route) {
    return route.adapter == adapter.name && leads_beyond(route, ntohl(address), adapter.prefix_length);
  });
  adapter.uplink = !adapter.loopback && (has_route || stands_on_card(adapter.name));
  return adapter;
}

}  // namespace

std::vector<Adapter> list_adapters() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> list(first, &::freeifaddrs);
  const std::vector<Route> routes = system_routes();
  std::vector<Adapter> adapters;
  for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
    if (has_address(*entry)) adapters.push_back(adapter_of(*entry, routes));
  }
  for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
    const auto is_it = [&](const Adapter& adapter) { return adapter.name == entry->ifa_name; };
    if (std::any_of(adapters.begin(), adapters.end(), is_it)) continue;
    Adapter idle;
    idle.name = entry->ifa_name;
    idle.loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0;
    idle.physical = !idle.loopback && has_device(idle.name);
    adapters.push_back(idle);
  }
  return adapters;
}

std::vector<std::string> list_addresses() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> list(first, &::freeifaddrs);
  std::vector<std::string> addresses;
  for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
    if (std::string text = address_text(*entry); !text.empty()) addresses.push_back(std::move(text));
  }
  return addresses;
}

}  // namespace oct
