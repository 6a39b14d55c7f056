#include "net/own_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "net/address.hpp"

#if defined(_WIN32)
#include <winsock2.h>
#endif

namespace oct {
namespace {

bool is_of_another_computer(std::error_code error) {
#if defined(_WIN32)
  return error.value() == WSAEADDRNOTAVAIL;
#else
  return error.value() == EADDRNOTAVAIL;
#endif
}

}  // namespace

std::string own_address(const std::vector<Adapter>& adapters) {
  const auto has_address = [](const Adapter& adapter) {
    return !adapter.loopback && !adapter.address.empty();
  };
  const auto leads_out = [&](const Adapter& adapter) {
    return has_address(adapter) && (adapter.physical || adapter.uplink);
  };
  auto found = std::ranges::find_if(adapters, leads_out);
  if (found == adapters.end()) found = std::ranges::find_if(adapters, has_address);
  return found == adapters.end() ? "127.0.0.1" : found->address;
}

std::string own_ipv6_address(const std::vector<std::string>& addresses) {
  const auto is_seen_by_others = [](const std::string& address) {
    return is_ipv6(address) && !is_loopback(address) && address.find('%') == std::string::npos;
  };
  const auto found = std::ranges::find_if(addresses, is_seen_by_others);
  return found == addresses.end() ? "::1" : *found;
}

Error cannot_use_address(const std::string& what, const std::string& address, std::error_code error) {
  const std::string why =
      is_of_another_computer(error) ? "this computer does not have that address" : error.message();
  Error told{ErrorKind::invalid_input, fmt::format("cannot {}: {}", what, why), {}};
  const std::vector<std::string> own = list_addresses();
  if (!is_any_address(address) && !own.empty())
    told.help = fmt::format("addresses of this computer: {}", fmt::join(own, ", "));
  return told;
}

}  // namespace oct
