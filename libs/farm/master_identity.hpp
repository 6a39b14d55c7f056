#pragma once
#include <string>
#include <vector>

#include "farm/daemon_view.hpp"
#include "net/adapters.hpp"

namespace oct {

/// "studio@DESK", cut to what fits into a message.
std::string default_nick();

/// Those that this computer has now, loopback among them.
std::vector<std::string> addresses_of(const std::vector<Adapter>& adapters);

/// This user at this computer; an empty nick name is the default one.
MasterIdentity this_master(const std::string& nick, const NetworkAccess& access);

}  // namespace oct
