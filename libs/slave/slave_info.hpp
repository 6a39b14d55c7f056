#pragma once
#include <string>
#include <vector>

#include "device/device_info.hpp"

namespace oct {

/// One JSON document about this program and computer (schema octane.slave_info/1): what `octane_slave --info`
/// prints and a daemon reads.
std::string slave_info_document(const std::vector<DeviceInfo>& devices, const std::string& no_gpu_reason);

}  // namespace oct
