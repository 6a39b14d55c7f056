#include "octane_master/commands.hpp"

#include <fmt/format.h>

#include "base/figure.hpp"
#include "base/json_text.hpp"
#include "device/describe_pixel.hpp"
#include "master/scene_loader.hpp"
#include "octane_master/failed.hpp"
#include "render/device_choice.hpp"

namespace oct {

ExitCode list_devices(Console& console, bool json) {
  const CudaDevices cuda = list_cuda_devices();
  std::vector<DeviceInfo> devices = cuda.devices;
  if (auto cpu = open_cpu({})) devices.push_back((*cpu)->info());
  if (!json) {
    for (const DeviceInfo& info : devices) {
      const double gigabytes = static_cast<double>(info.memory_bytes) / 1e9;
      console.wanted_line(fmt::format(
          "{:<11}{}, {} GB", info.kind == DeviceKind::cuda ? fmt::format("GPU {}", info.index) : "CPU",
          info.name, figure(gigabytes, 1)));
    }
    if (cuda.devices.empty()) console.wanted_line(fmt::format("no CUDA GPU: {}", cuda.reason));
    return ExitCode::done;
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const DeviceInfo& info : devices) {
    list.push_back({{"kind", to_string(info.kind)},
                    {"index", info.index},
                    {"name", info.name},
                    {"memory_bytes", info.memory_bytes},
                    {"threads", info.threads}});
  }
  console.wanted_line(json_text(list));
  return ExitCode::done;
}

ExitCode debug_pixel(Console& console, const MasterCommand& command) {
  ThreadPool pool(command.render.devices.threads);
  ExitCode code = ExitCode::input;
  const auto scene = load_scene(command.job.scene, pool, code);
  if (!scene) return failed(console, scene.error(), code);
  const auto text = describe_pixel(scene->data(), command.pixel_x, command.pixel_y, command.sample);
  if (!text) return failed(console, text.error(), ExitCode::usage);
  console.wanted_line(*text);
  return ExitCode::done;
}

}  // namespace oct
