// Canaries, films, hits and math functions of every GPU of this computer against those of its CPU, bit by bit,
// with both scene slots in use, and how fast each is:
//
//   octane_gpu_test [EFFORT]     1 = quick; samples grow with it
//
// Exit status: 0 all equal; 1 something differs or failed; 2 usage; 77 no GPU, and the CPU's own instruction
// sets are equal.
#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <exception>

#include "base/float_mode.hpp"
#include "device/cpu_info.hpp"
#include "gpu/check_devices.hpp"
#include "gpu/compare.hpp"

namespace oct::test {
namespace {

constexpr int kDiffers = 1, kUsage = 2, kNoGpu = 77;

/// False with a message when a device that should be there cannot be used.
template <class Make>
bool add_device(std::vector<Contestant>& contestants, Make&& make) {
  auto trees = std::make_shared<TreeStore>();
  Result<std::unique_ptr<Device>> device = make(trees);
  if (!device) {
    fmt::print("{}\n", device.error().message);
    return false;
  }
  const DeviceInfo& info = (*device)->info();
  std::string name =
      info.kind == DeviceKind::cuda ? fmt::format("GPU {} {}", info.index, info.name) : info.name;
  contestants.push_back({std::move(name), std::move(trees), *std::move(device)});
  return true;
}

int run(std::uint32_t effort) {
  set_float_mode();
  std::vector<Contestant> contestants;
  CpuDeviceOptions cpu;
  cpu.isa = CpuIsa::x64;
  const auto make_cpu = [&](const auto& trees) { return make_cpu_device(cpu, trees); };
  bool good = add_device(contestants, make_cpu);
  cpu.isa = CpuIsa::automatic;
  if (cpu_runs_v3()) good = add_device(contestants, make_cpu) && good;
  const CudaDevices gpus = list_cuda_devices();
  for (const DeviceInfo& info : gpus.devices) {
    const auto make_gpu = [&](const auto& trees) { return make_cuda_device(info.index, trees); };
    good = add_device(contestants, make_gpu) && good;
  }
  int faults = good ? 0 : 1;
  if (!gpus.devices.empty()) faults += compare_math();
  faults += check_canaries(contestants);
  faults += check_slots(contestants);
  faults += check_moved_camera(contestants);
  faults += compare_scenes(contestants, gpu_scenes(effort));
  if (faults > 0) {
    fmt::print("{} comparison{} failed\n", faults, faults == 1 ? "" : "s");
    return kDiffers;
  }
  if (gpus.devices.empty()) {
    fmt::print("no GPU: {}; the CPU's instruction sets are equal\n", gpus.reason);
    return kNoGpu;
  }
  fmt::print("all equal\n");
  return 0;
}

}  // namespace
}  // namespace oct::test

int main(int argc, char** argv) {
  std::uint32_t effort = 1;
  if (argc > 1) {
    const char* end = argv[1] + std::strlen(argv[1]);
    const auto [at, error] = std::from_chars(argv[1], end, effort);
    if (argc > 2 || error != std::errc() || at != end || effort < 1 || effort > 1000) {
      fmt::print(stderr, "usage: octane_gpu_test [EFFORT], from 1 to 1000\n");
      return oct::test::kUsage;
    }
  }
  try {
    return oct::test::run(effort);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return oct::test::kDiffers;
  }
}
