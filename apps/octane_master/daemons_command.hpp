#pragma once
#include <string>
#include <vector>

#include "base/console.hpp"
#include "base/exit_code.hpp"

namespace oct {

/// octane_master daemons list|watch|enable|disable|steal|export|import. `arguments`: behind the subcommand's
/// name.
ExitCode daemons_command(const std::vector<std::string>& arguments, Console& console);

}  // namespace oct
