#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "net/computer.hpp"

namespace oct {

/// The lasting id of the daemon on this port of this computer and user: 32 hexadecimal digits, by which
/// masters know it again, whatever its address and name. Made at the first start and kept in
/// `folder`/daemon.id, in a line for each computer that uses the folder: the folder may be on a server or the disk a copy,
/// and another computer is another daemon. An error of kind `output` or `invalid_input` when it cannot be kept.
Result<std::string> lasting_daemon_id(const std::filesystem::path& folder, std::uint16_t port,
                                      const ComputerPrint& computer);

/// One that lasts as long as this process.
std::string passing_daemon_id();

}  // namespace oct
