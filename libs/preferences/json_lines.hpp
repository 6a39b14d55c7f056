#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace oct {

/// The line (from 1) on which each value of a JSON text begins, by its path: "network.daemon_port",
/// "network.subnets.0". The text must be valid JSON, nested at most 64 deep; of other texts the result means
/// nothing.
std::map<std::string, std::size_t> json_lines(std::string_view text);

}  // namespace oct
