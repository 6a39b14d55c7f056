#pragma once
#include <string>
#include <vector>

#include "common/command_line.hpp"
#include "slave/slave_config.hpp"

namespace oct {

/// What the command line asks of octane_slave.
struct SlaveCommand {
  enum class Kind { run, info, activate, help, version };
  Kind kind = Kind::run;
  std::string text;        ///< of help
  std::string key_source;  ///< of activate: a file, or "-"
  SlaveConfig config;
};

/// invalid_input with what is wrong and what would be right.
Result<SlaveCommand> parse_slave_command(const std::vector<std::string>& arguments);

}  // namespace oct
