#pragma once
#include <string>
#include <vector>

#include "common/command_line.hpp"
#include "daemon/daemon_config.hpp"
#include "wire/daemon_messages.hpp"

namespace oct {

/// What the command line asks of octane_daemon.
struct DaemonCommand {
  enum class Kind { run, control, activate, help, version };
  Kind kind = Kind::run;
  std::string text;  ///< of help and version
  DaemonConfig config;
  ControlRequest request;  ///< of control
  bool json = false;       ///< of control
  std::string key_source;  ///< of activate: a file, or "-"
};

/// invalid_input with what is wrong. `folder` is the program's own, with a slash at its end.
Result<DaemonCommand> parse_daemon_command(const std::vector<std::string>& arguments,
                                           const std::string& folder);

}  // namespace oct
