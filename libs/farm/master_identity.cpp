#include "farm/master_identity.hpp"

#include <fmt/format.h>

#include "base/user_name.hpp"
#include "net/adapters.hpp"
#include "wire/text.hpp"

namespace oct {

std::string default_nick() {
  return clean_text(fmt::format("{}@{}", user_name(), host_name()), kMaxNickBytes);
}

MasterIdentity this_master(const std::string& nick, const NetworkAccess& access) {
  MasterIdentity identity;
  identity.nick = nick.empty() ? default_nick() : nick;
  identity.farm = access.farm();
  for (const Adapter& adapter : list_adapters()) identity.addresses.push_back(adapter.address);
  return identity;
}

}  // namespace oct
