#include "farm/beholder.hpp"

#include <fmt/format.h>

#include "base/user_name.hpp"
#include "net/adapters.hpp"
#include "wire/text.hpp"

namespace oct {

std::string default_nick() {
  return clean_text(fmt::format("{}@{}", user_name(), host_name()), kMaxNickBytes);
}

Beholder this_beholder(const std::string& nick, const NetworkAccess& access) {
  Beholder beholder;
  beholder.nick = nick.empty() ? default_nick() : nick;
  beholder.farm = access.farm();
  for (const Adapter& adapter : list_adapters()) beholder.addresses.push_back(adapter.address);
  return beholder;
}

}  // namespace oct
