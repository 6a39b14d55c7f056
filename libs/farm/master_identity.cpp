#include "farm/master_identity.hpp"

#include <fmt/format.h>

#include "base/user_name.hpp"
#include "wire/text.hpp"

namespace oct {

std::string default_nick() {
  return clean_text(fmt::format("{}@{}", user_name(), host_name()), kMaxNickBytes);
}

std::vector<std::string> addresses_of(const std::vector<Adapter>& adapters) {
  std::vector<std::string> addresses;
  for (const Adapter& adapter : adapters) {
    if (!adapter.address.empty()) addresses.push_back(adapter.address);
  }
  return addresses;
}

MasterIdentity this_master(const std::string& nick, const NetworkAccess& access) {
  MasterIdentity identity;
  identity.nick = nick.empty() ? default_nick() : nick;
  identity.farm = access.farm();
  identity.addresses = addresses_of(list_adapters());
  return identity;
}

}  // namespace oct
