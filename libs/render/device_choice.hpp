#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "device/device.hpp"
#include "device/device_plan.hpp"
#include "device/tree_store.hpp"

namespace oct {

/// Which devices of this computer the user wants to use.
struct DeviceChoice {
  std::vector<std::uint32_t> gpus;  ///< empty = all
  bool cpu = false;                 ///< beside GPUs; without any GPU it is used anyway
  std::uint32_t threads = 0;        ///< of the CPU, 0 = all
  CpuIsa isa = CpuIsa::automatic;
  bool low_priority = false;
};

/// `exhausted` for a GPU that is not there (the error names those that are).
Result<DevicePlan> plan_devices(const DeviceChoice& choice, const CudaDevices& cuda);

/// Where all devices of a program find their acceleration structures.
///   both_formats  GPUs and the CPU of this program render the same scenes, or the CPU checks what GPUs render
std::shared_ptr<TreeStore> make_tree_store(const DeviceChoice& choice, bool both_formats = false);

/// The CPU device of a choice.
Result<std::unique_ptr<Device>> open_cpu(const DeviceChoice& choice,
                                         std::shared_ptr<TreeStore> trees = nullptr);

}  // namespace oct
