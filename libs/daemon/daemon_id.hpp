#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace oct {

/// The lasting id of the daemon on this port of this computer and user: 32 hexadecimal digits, by which
/// masters know it again, whatever its address and name. Made at the first start and kept in
/// `folder`/daemon.id. An error of kind `output` or `invalid_input` when it cannot be kept.
Result<std::string> lasting_daemon_id(const std::filesystem::path& folder, std::uint16_t port);

/// One that lasts as long as this process.
std::string passing_daemon_id();

}  // namespace oct
