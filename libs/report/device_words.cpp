#include "report/device_words.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/figure.hpp"
#include "base/plural.hpp"
#include "device/device_info.hpp"

namespace oct {

std::string device_count_text(const std::vector<DeviceInfo>& devices) {
  const auto cpus = std::ranges::count(devices, DeviceKind::cpu, &DeviceInfo::kind);
  if (devices.empty()) return "no device";
  if (cpus == 0) return fmt::format("{} GPU{}", devices.size(), plural(devices.size()));
  return devices.size() == 1 ? std::string("CPU") : fmt::format("{} devices", devices.size());
}

std::string devices_text(const DevicePlan& plan) {
  if (plan.gpus.empty() && !plan.cpu) return "none of this computer (--no-local)";
  const std::string cpu = "CPU, " + thread_limit_text(plan.threads);
  if (plan.gpus.empty()) return fmt::format("{} (no CUDA GPU: {})", cpu, plan.no_gpu_reason);
  std::string text;
  for (const DeviceInfo& gpu : plan.gpus) {
    text += fmt::format("{} ({} GB)   ", device_title(gpu),
                        figure(static_cast<double>(gpu.memory_bytes) / 1e9, 0));
  }
  return text + (plan.cpu ? cpu : "CPU idle (--cpu adds it)");
}

}  // namespace oct
