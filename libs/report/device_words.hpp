#pragma once
#include <string>

#include "device/device_plan.hpp"

namespace oct {

/// One line: "GPU 0 ... (12 GB)   CPU idle (--cpu adds it)".
std::string devices_text(const DevicePlan& plan);

}  // namespace oct
