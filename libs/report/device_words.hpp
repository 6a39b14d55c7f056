#pragma once
#include <string>
#include <vector>

#include "device/device_plan.hpp"

namespace oct {

/// "2 GPUs", "CPU", "3 devices" where a CPU is among several, "no device".
std::string device_count_text(const std::vector<DeviceInfo>& devices);

/// One line: "GPU 0 ... (12 GB)   CPU idle (--cpu adds it)".
std::string devices_text(const DevicePlan& plan);

}  // namespace oct
