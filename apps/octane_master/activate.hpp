#pragma once
#include <string>
#include <vector>

#include "base/console.hpp"
#include "base/exit_code.hpp"

namespace oct {

/// `octane_master activate`: makes the farm's key, shows it, replaces it, puts it beside the programs.
/// `arguments` are those behind the word.
ExitCode activate(const std::vector<std::string>& arguments, Console& console);

}  // namespace oct
