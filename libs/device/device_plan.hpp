#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/thread_limit.hpp"
#include "wire/device_info.hpp"

namespace oct {

/// What the user's choice of devices comes to on this computer. Without any device: none was chosen.
struct DevicePlan {
  std::vector<DeviceInfo> gpus;
  bool cpu = false;
  ThreadLimit threads;        ///< that the CPU renders with, or would; uncapped where the user named a number
  std::string no_gpu_reason;  ///< of CUDA, where it finds none
};

}  // namespace oct
