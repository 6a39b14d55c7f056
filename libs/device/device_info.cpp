#include "device/device_info.hpp"

#include <fmt/format.h>

namespace oct {

const char* to_string(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::cpu: return "cpu";
    case DeviceKind::cuda: return "cuda";
  }
  return "unknown";
}

std::string device_title(const DeviceInfo& info) {
  return info.kind == DeviceKind::cuda ? fmt::format("GPU {} {}", info.index, info.name) : info.name;
}

std::string device_word(const DeviceInfo& info) {
  return info.kind == DeviceKind::cuda ? fmt::format("GPU {}", info.index) : "the CPU";
}

}  // namespace oct
