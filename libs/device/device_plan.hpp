#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "wire/device_info.hpp"

namespace oct {

/// What the user's choice of devices comes to on this computer. Without any device: none was chosen.
struct DevicePlan {
  std::vector<DeviceInfo> gpus;
  bool cpu = false;
  std::uint32_t threads = 0;  ///< that the CPU renders with, or would
  std::string no_gpu_reason;  ///< of CUDA, where it finds none
};

}  // namespace oct
