// winsock2.h goes before the others
#include <winsock2.h>
#include <ws2tcpip.h>
// iphlpapi.h needs their types
#include <fmt/format.h>
#include <iphlpapi.h>
#include <netioapi.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "net/adapters.hpp"
#include "net/route.hpp"

namespace oct {
namespace {

constexpr ULONG kFlags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
constexpr ULONG kFirstGuess = 32 * 1024;
constexpr int kAttempts = 4;

std::string utf8(const wchar_t* wide) {
  const int length = ::WideCharToMultiByte(CP_UTF8, 0, wide, -1, nullptr, 0, nullptr, nullptr);
  if (length <= 1) return {};
  std::string text(static_cast<std::size_t>(length - 1), '\0');
  ::WideCharToMultiByte(CP_UTF8, 0, wide, -1, text.data(), length, nullptr, nullptr);
  return text;
}

std::string text_of(std::uint32_t network_order) {
  in_addr address{};
  address.s_addr = network_order;
  char text[INET_ADDRSTRLEN] = {};
  return ::inet_ntop(AF_INET, &address, text, sizeof text) == nullptr ? std::string() : std::string(text);
}

/// Empty where it is neither IPv4 nor IPv6. A link-local one means nothing without the number of its adapter.
std::string address_text(const SOCKET_ADDRESS& socket_address) {
  const sockaddr& any = *socket_address.lpSockaddr;
  if (any.sa_family == AF_INET) return text_of(reinterpret_cast<const sockaddr_in&>(any).sin_addr.s_addr);
  if (any.sa_family != AF_INET6) return {};
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(any);
  in6_addr address = v6.sin6_addr;
  char text[INET6_ADDRSTRLEN] = {};
  if (::inet_ntop(AF_INET6, &address, text, sizeof text) == nullptr) return {};
  return IN6_IS_ADDR_LINKLOCAL(&address) ? fmt::format("{}%{}", text, v6.sin6_scope_id) : std::string(text);
}

bool is_card(const IP_ADAPTER_ADDRESSES& entry) {
  MIB_IF_ROW2 row{};
  row.InterfaceLuid = entry.Luid;
  const bool wire = entry.IfType == IF_TYPE_ETHERNET_CSMACD || entry.IfType == IF_TYPE_IEEE80211;
  return wire && ::GetIfEntry2(&row) == NO_ERROR && row.InterfaceAndOperStatusFlags.HardwareInterface != 0;
}

/// Those of one adapter.
std::vector<Route> routes_of(const MIB_IPFORWARD_TABLE2* table, const IP_ADAPTER_ADDRESSES& entry) {
  std::vector<Route> routes;
  for (ULONG i = 0; table != nullptr && i < table->NumEntries; ++i) {
    const MIB_IPFORWARD_ROW2& row = table->Table[i];
    if (row.InterfaceLuid.Value != entry.Luid.Value || row.Loopback) continue;
    routes.push_back({utf8(entry.FriendlyName), ntohl(row.DestinationPrefix.Prefix.Ipv4.sin_addr.s_addr),
                      row.DestinationPrefix.PrefixLength});
  }
  return routes;
}

Adapter adapter_of(const IP_ADAPTER_ADDRESSES& entry, const IP_ADAPTER_UNICAST_ADDRESS& unicast,
                   const std::vector<Route>& routes) {
  const auto* socket_address = reinterpret_cast<const sockaddr_in*>(unicast.Address.lpSockaddr);
  const std::uint32_t address = socket_address->sin_addr.s_addr;
  const unsigned prefix = unicast.OnLinkPrefixLength;
  Adapter adapter;
  adapter.name = utf8(entry.FriendlyName);
  adapter.address = text_of(address);
  adapter.prefix_length = prefix;
  adapter.loopback = entry.IfType == IF_TYPE_SOFTWARE_LOOPBACK;
  if (!adapter.loopback && prefix < 31) {
    const std::uint32_t hosts = prefix == 0 ? ~std::uint32_t{0} : (std::uint32_t{1} << (32 - prefix)) - 1;
    adapter.broadcast = text_of(address | htonl(hosts));
  }
  adapter.physical = is_card(entry);
  adapter.uplink = !adapter.loopback && std::any_of(routes.begin(), routes.end(), [&](const Route& route) {
    return leads_beyond(route, ntohl(address), prefix);
  });
  return adapter;
}

/// One that is not connected, or has no address yet.
Adapter idle_adapter(const IP_ADAPTER_ADDRESSES& entry) {
  Adapter adapter;
  adapter.name = utf8(entry.FriendlyName);
  adapter.loopback = entry.IfType == IF_TYPE_SOFTWARE_LOOPBACK;
  adapter.physical = is_card(entry);
  return adapter;
}

struct FreeTable {
  void operator()(MIB_IPFORWARD_TABLE2* table) const { ::FreeMibTable(table); }
};

std::unique_ptr<MIB_IPFORWARD_TABLE2, FreeTable> system_routes() {
  MIB_IPFORWARD_TABLE2* table = nullptr;
  if (::GetIpForwardTable2(AF_INET, &table) != NO_ERROR) table = nullptr;
  return std::unique_ptr<MIB_IPFORWARD_TABLE2, FreeTable>(table);
}

/// The system's list, in a buffer of its size; empty when it does not tell.
std::vector<std::byte> system_list(ULONG family) {
  ULONG bytes = kFirstGuess;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {  // the list may grow between two questions
    std::vector<std::byte> buffer(bytes);
    const ULONG error = ::GetAdaptersAddresses(
        family, kFlags, nullptr, reinterpret_cast<IP_ADAPTER_ADDRESSES*>(buffer.data()), &bytes);
    if (error == NO_ERROR) return buffer;
    if (error != ERROR_BUFFER_OVERFLOW) break;
  }
  return {};
}

}  // namespace

std::vector<Adapter> list_adapters() {
  const std::vector<std::byte> buffer = system_list(AF_INET);
  const auto table = system_routes();
  std::vector<Adapter> adapters;
  if (buffer.empty()) return adapters;
  for (const auto* entry = reinterpret_cast<const IP_ADAPTER_ADDRESSES*>(buffer.data()); entry != nullptr;
       entry = entry->Next) {
    const std::vector<Route> routes = routes_of(table.get(), *entry);
    bool has_address = false;
    for (const auto* unicast = entry->FirstUnicastAddress; unicast != nullptr; unicast = unicast->Next) {
      if (entry->OperStatus != IfOperStatusUp || unicast->Address.lpSockaddr->sa_family != AF_INET) continue;
      adapters.push_back(adapter_of(*entry, *unicast, routes));
      has_address = true;
    }
    if (!has_address) adapters.push_back(idle_adapter(*entry));
  }
  return adapters;
}

std::vector<std::string> list_addresses() {
  const std::vector<std::byte> buffer = system_list(AF_UNSPEC);
  std::vector<std::string> addresses;
  if (buffer.empty()) return addresses;
  for (const auto* entry = reinterpret_cast<const IP_ADAPTER_ADDRESSES*>(buffer.data()); entry != nullptr;
       entry = entry->Next) {
    if (entry->OperStatus != IfOperStatusUp) continue;
    for (const auto* unicast = entry->FirstUnicastAddress; unicast != nullptr; unicast = unicast->Next) {
      if (std::string text = address_text(unicast->Address); !text.empty())
        addresses.push_back(std::move(text));
    }
  }
  return addresses;
}

}  // namespace oct
