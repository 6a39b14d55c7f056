#include "net/own_address.hpp"

#include <algorithm>

namespace oct {

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

}  // namespace oct
