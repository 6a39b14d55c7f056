#pragma once
#include <string>

#include "farm/daemon_view.hpp"

namespace oct {

/// "studio@DESK", cut to what fits into a message.
std::string default_nick();

/// This user at this computer; an empty nick name is the default one.
MasterIdentity this_master(const std::string& nick, const NetworkAccess& access);

}  // namespace oct
