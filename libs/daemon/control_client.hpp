#pragma once
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "wire/daemon_messages.hpp"

namespace oct {

/// Asks the daemon that runs on this computer, at this port and (numeric, of this computer) address.
/// unavailable when there is none. Blocks, 20 s at most: a daemon that is told to stop answers when its slave
/// has ended.
Result<ControlAnswer> ask_running_daemon(const std::string& address, std::uint16_t port,
                                         const ControlRequest& request);

}  // namespace oct
