#include "report/device_words.hpp"

#include <fmt/format.h>

#include "device/device_info.hpp"

namespace oct {

std::string devices_text(const DevicePlan& plan) {
  if (plan.gpus.empty() && !plan.cpu) return "none of this computer (--no-local)";
  const std::string cpu = "CPU, " + thread_limit_text(plan.threads);
  if (plan.gpus.empty()) return fmt::format("{} (no CUDA GPU: {})", cpu, plan.no_gpu_reason);
  std::string text;
  for (const DeviceInfo& gpu : plan.gpus) {
    text += fmt::format("{} ({:.0f} GB)   ", device_title(gpu), static_cast<double>(gpu.memory_bytes) / 1e9);
  }
  return text + (plan.cpu ? cpu : "CPU idle (--cpu adds it)");
}

}  // namespace oct
