#pragma once
#include <string>
#include <vector>

#include "base/console.hpp"
#include "base/exit_code.hpp"

namespace oct {

/// octane_master doctor [ADDRESS...] [--all]. `arguments`: behind the subcommand's name. Exit code 11 when
/// anything is wrong.
ExitCode doctor_command(const std::vector<std::string>& arguments, Console& console);

}  // namespace oct
