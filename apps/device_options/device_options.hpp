#pragma once
#include "common/command_line.hpp"
#include "render/device_choice.hpp"

namespace oct {

/// Reads --gpu, --cpu, --threads and --cpu-code, which programs that render have in common. invalid_input
/// with what is wrong.
Result<DeviceChoice> read_device_choice(const CommandLine& line);

}  // namespace oct
