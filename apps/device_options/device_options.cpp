#include "device_options/device_options.hpp"

#include <fmt/format.h>

namespace oct {

Result<DeviceChoice> read_device_choice(const CommandLine& line) {
  DeviceChoice devices;
  for (const std::string& gpu : line.list("gpu")) {
    const auto number = parse_whole(gpu);
    if (!number || *number > 255)
      return fail(ErrorKind::invalid_input, fmt::format("--gpu {}: must be a number such as 0 or 0,1", gpu));
    devices.gpus.push_back(static_cast<std::uint32_t>(*number));
  }
  OCT_TRY_ASSIGN(const auto threads, line.whole("threads", 1, 4096));
  OCT_TRY_ASSIGN(const auto code, line.choice("cpu-code", {"auto", "x64", "v3"}));
  devices.cpu = line.has("cpu");
  devices.threads = static_cast<std::uint32_t>(threads.value_or(0));
  devices.isa = code.value_or(0) == 1 ? CpuIsa::x64 : code.value_or(0) == 2 ? CpuIsa::v3 : CpuIsa::automatic;
  return devices;
}

}  // namespace oct
