#include "render/device_choice.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/plural.hpp"
#include "base/thread_pool.hpp"

namespace oct {
namespace {

const DeviceInfo* find_gpu(const CudaDevices& cuda, std::uint32_t index) {
  for (const DeviceInfo& info : cuda.devices) {
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

std::string cpu_text(const DeviceChoice& choice) {
  const std::uint32_t threads = choice.threads == 0 ? hardware_threads() : choice.threads;
  return fmt::format("CPU, {} thread{}", threads, plural(threads));
}

}  // namespace

Result<DevicePlan> plan_devices(const DeviceChoice& choice, const CudaDevices& cuda) {
  DevicePlan plan;
  for (const std::uint32_t gpu : choice.gpus) {
    if (find_gpu(cuda, gpu) == nullptr) return no_such_gpu(gpu, cuda);
    if (std::find(plan.gpus.begin(), plan.gpus.end(), gpu) == plan.gpus.end()) plan.gpus.push_back(gpu);
  }
  if (choice.gpus.empty()) {
    for (const DeviceInfo& info : cuda.devices) plan.gpus.push_back(info.index);
  }
  plan.cpu = choice.cpu || plan.gpus.empty();

  for (const std::uint32_t gpu : plan.gpus) {
    const DeviceInfo& info = *find_gpu(cuda, gpu);
    plan.text += fmt::format("{}{} ({:.0f} GB)", plan.text.empty() ? "" : "   ", device_title(info),
                             static_cast<double>(info.memory_bytes) / 1e9);
  }
  if (plan.gpus.empty()) {
    plan.text = fmt::format("{} (no CUDA GPU: {})", cpu_text(choice), cuda.reason);
  } else if (plan.cpu) {
    plan.text += "   " + cpu_text(choice);
  } else {
    plan.text += "   CPU idle (--cpu adds it)";
  }
  return plan;
}

std::shared_ptr<TreeStore> make_tree_store(const DeviceChoice& choice) {
  TreeStoreOptions options;
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

Result<std::vector<std::unique_ptr<Device>>> open_devices(const DeviceChoice& choice, const DevicePlan& plan,
                                                          std::shared_ptr<TreeStore> trees) {
  if (!trees) trees = make_tree_store(choice);
  std::vector<std::unique_ptr<Device>> devices;
  for (const std::uint32_t gpu : plan.gpus) {
    OCT_TRY_ASSIGN(std::unique_ptr<Device> device, make_cuda_device(gpu, trees));
    devices.push_back(std::move(device));
  }
  if (plan.cpu) {
    OCT_TRY_ASSIGN(std::unique_ptr<Device> device, open_cpu(choice, trees));
    devices.push_back(std::move(device));
  }
  return devices;
}

}  // namespace oct
