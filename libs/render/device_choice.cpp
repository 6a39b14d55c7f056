#include "render/device_choice.hpp"

#include <fmt/format.h>

#include "base/thread_limit.hpp"

namespace oct {
namespace {

const DeviceInfo* find_gpu(const std::vector<DeviceInfo>& gpus, std::uint32_t index) {
  for (const DeviceInfo& info : gpus) {
    if (info.index == index) return &info;
  }
  return nullptr;
}

Unexpected no_such_gpu(std::uint32_t index, const CudaDevices& cuda) {
  if (cuda.devices.empty()) {
    return fail(ErrorKind::exhausted, fmt::format("GPU {} is not there: no CUDA GPU: {}", index, cuda.reason),
                "without -g the CPU renders");
  }
  std::string names;
  for (const DeviceInfo& info : cuda.devices)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", device_title(info));
  return fail(ErrorKind::exhausted, fmt::format("GPU {} is not there; this computer has {}", index, names));
}

}  // namespace

Result<DevicePlan> plan_devices(const DeviceChoice& choice, const CudaDevices& cuda) {
  DevicePlan plan;
  plan.threads = choice.threads == 0 ? thread_limit()
                                     : ThreadLimit{choice.threads, choice.threads, ThreadLimit::Cap::none};
  plan.no_gpu_reason = cuda.reason;
  for (const std::uint32_t index : choice.gpus) {
    const DeviceInfo* gpu = find_gpu(cuda.devices, index);
    if (gpu == nullptr) return no_such_gpu(index, cuda);
    if (find_gpu(plan.gpus, index) == nullptr) plan.gpus.push_back(*gpu);
  }
  if (choice.gpus.empty()) plan.gpus = cuda.devices;
  plan.cpu = choice.cpu || plan.gpus.empty();
  return plan;
}

std::shared_ptr<TreeStore> make_tree_store(const DeviceChoice& choice, bool both_formats) {
  TreeStoreOptions options;
  options.both_formats = both_formats;
  options.threads = choice.threads;
  options.low_priority = choice.low_priority;
  return std::make_shared<TreeStore>(std::move(options));
}

Result<std::unique_ptr<Device>> open_cpu(const DeviceChoice& choice, std::shared_ptr<TreeStore> trees) {
  CpuDeviceOptions options;
  options.threads = choice.threads;
  options.isa = choice.isa;
  options.low_priority = choice.low_priority;
  return make_cpu_device(options, std::move(trees));
}

}  // namespace oct
