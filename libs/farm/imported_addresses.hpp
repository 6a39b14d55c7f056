#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace oct {

/// What `daemons import` and --net-daemon-list read, as addresses with or without port: what `daemons export` writes; or
/// one address a line, where # begins a comment; or OctaneRender's own list, {"Version":1,"AddrList":[...]}.
/// invalid_input, with the line or the entry, for anything else. Pure.
Result<std::vector<std::string>> imported_addresses(std::string_view text, const std::string& file_name);

}  // namespace oct
