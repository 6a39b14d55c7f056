#pragma once
#include <optional>
#include <string>

namespace oct {

/// Whether a computer answers at a numeric IPv4 address of a subnet of ours, as the system found out when
/// something was sent there a moment ago (on Windows it asks now, for up to 3 s). Nothing = it cannot tell.
std::optional<bool> neighbour_answers(const std::string& address);

}  // namespace oct
