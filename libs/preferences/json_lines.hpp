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

/// Whether a JSON text may be nested more than 64 deep: the parser, which recurses when it destroys, must not see it.
bool is_nested_too_deep(std::string_view text);

}  // namespace oct
