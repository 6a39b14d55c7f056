#pragma once
#include <string>
#include <vector>

#include "base/console.hpp"
#include "base/exit_code.hpp"

namespace oct {

/// octane_master preferences [show|set KEY VALUE|reset|path]. `arguments`: behind the subcommand's name.
ExitCode preferences_command(const std::vector<std::string>& arguments, Console& console);

}  // namespace oct
