#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"

namespace oct {

/// Puts `help` and `help WORD` as options, and refuses what is nearly a subcommand and cannot be a scene; anything else is
/// returned as it is.
Result<std::vector<std::string>> with_known_subcommand(std::vector<std::string> arguments);

}  // namespace oct
