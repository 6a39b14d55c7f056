#pragma once
#include <cstdint>
#include <string>

#include "common/command_line.hpp"

namespace oct {

/// Reads --cache-dir and --cache-size, which slave and daemon have in common; without them nothing changes. invalid_input
/// with what is wrong.
Result<void> read_cache(const CommandLine& line, std::string& folder, std::uint64_t& megabytes);

}  // namespace oct
