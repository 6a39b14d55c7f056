// What a GPU does by itself and what the renderer gets of it, as a table and as JSON:
//
//   octane_gpu_bench [--carried FOLDER] [--json FILE] [--seconds N]
//   octane_gpu_bench --profile FILE.octscene       renders 8 samples a pixel and no more, for a profiler
//
// FOLDER has NAME.octscene and, for some of them, NAME.rays (docs/testing.md); without it a scene made in code is
// rendered. Exit status: 0 measured; 1 something failed, or the CPU finds another film or other hits; 2 usage; 77 no GPU.
#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

#include "base/float_mode.hpp"
#include "base/thread_pool.hpp"
#include "compile/compile.hpp"
#include "device/cpu_info.hpp"
#include "gpu/bench/micro.hpp"
#include "gpu/bench/ray_times.hpp"
#include "gpu/bench/scene_times.hpp"
#include "gpu/scenes.hpp"

namespace oct::bench {
namespace {

constexpr int kFailed = 1, kUsage = 2, kNoGpu = 77;

struct Options {
  std::string carried, json, profile;
  double seconds = 240;
};

/// False for anything but the options above.
bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    if (i + 1 == argc) return false;
    char* end = nullptr;
    if (name == "--carried")
      options.carried = argv[i + 1];
    else if (name == "--json")
      options.json = argv[i + 1];
    else if (name == "--profile")
      options.profile = argv[i + 1];
    else if (name != "--seconds" || (options.seconds = std::strtod(argv[i + 1], &end)) <= 0 || *end != 0)
      return false;
  }
  return true;
}

Circumstances circumstances() {
  cudaDeviceProp properties{};
  int driver = 0, runtime = 0;
  cudaGetDeviceProperties(&properties, 0);
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  return {{"gpu", properties.name},
          {"compute_capability", fmt::format("{}.{}", properties.major, properties.minor)},
          {"multiprocessors", fmt::format("{}", properties.multiProcessorCount)},
          {"l2_bytes", fmt::format("{}", properties.l2CacheSize)},
          {"cuda_driver", fmt::format("{}.{}", driver / 1000, driver % 1000 / 10)},
          {"cuda_runtime", fmt::format("{}.{}", runtime / 1000, runtime % 1000 / 10)},
          {"cpu", cpu_name()}};
}

void add_loads(Figures& figures, const char* group, bool in_l1) {
  for (const LoadCost& cost : measure_loads(in_l1))
    figures.add(group, fmt::format("{:2} bytes a lane, {:2} lines", cost.bytes, cost.lines), cost.cycles,
                "cycles");
}

void measure_hardware(Figures& figures) {
  figures.add("micro", "clock of a busy multiprocessor", 1e-9 * measure_clock_rate(), "GHz");
  const IssueRates rates = measure_issue_rates();
  figures.add("micro", "issue rate, fma", rates.fma, "/cycle");
  figures.add("micro", "issue rate, integer", rates.integer, "/cycle");
  figures.add("micro", "issue rate, both in turn", rates.both, "/cycle");
  const LaunchCosts launches = measure_launches();
  figures.add("micro", "launch, one of many", launches.launch, "us");
  figures.add("micro", "launch and wait", launches.launch_and_wait, "us");
  figures.add("micro", "launch, read 16 bytes and wait", launches.launch_and_read, "us");
  for (const CodeCost& cost : measure_code_sizes())
    figures.add("micro: an instruction of a loop of", fmt::format("{:3} kB", cost.bytes / 1024), cost.cycles,
                "cycles");
  add_loads(figures, "micro: a warp's load from the first-level cache", true);
  add_loads(figures, "micro: a warp's load from the second-level cache", false);
}

/// The largest of the scenes made in code.
Result<RenderDataPtr> own_scene() {
  const std::vector<test::GpuScene> scenes = test::gpu_scenes(1);
  const test::GpuScene& scene = scenes.back();
  CompileOptions options;
  options.width = scene.width;
  options.height = scene.height;
  options.max_depth = scene.max_depth;
  options.samples_per_pixel = 8;
  ThreadPool pool;
  OCT_TRY_ASSIGN(RenderData data, compile(scene.scene, options, pool));
  return std::make_shared<const RenderData>(std::move(data));
}

Result<int> measure_scene(Figures& figures, const TimeBound& bound, OpenGpu& gpu, const CarriedScene& scene) {
  RenderDataPtr data;
  if (scene.scene.empty()) {
    OCT_TRY_ASSIGN(data, own_scene());
  } else {
    OCT_TRY_ASSIGN(data, load_carried(scene));
  }
  OCT_TRY(measure_start(figures, gpu, scene.name, data));
  int faults = 0;
  if (!scene.rays.empty()) {
    OCT_TRY_ASSIGN(faults, measure_rays(figures, bound, scene, data));
  }
  OCT_TRY_ASSIGN(const int others, measure_renders(figures, bound, gpu, scene.name, data));
  return faults + others;
}

Result<int> measure_all(Figures& figures, const Options& options) {
  const TimeBound bound(options.seconds);
  std::vector<CarriedScene> scenes{{"field of balls", "", ""}};
  if (!options.carried.empty()) {
    OCT_TRY_ASSIGN(scenes, scenes_in(options.carried));
  }
  OCT_TRY_ASSIGN(OpenGpu gpu, open_gpu(figures));
  measure_hardware(figures);
  int faults = 0;
  for (const CarriedScene& scene : scenes) {
    OCT_TRY_ASSIGN(const int others, measure_scene(figures, bound, gpu, scene));
    faults += others;
  }
  return faults;
}

Result<void> profile(const std::string& path) {
  OCT_TRY_ASSIGN(const RenderDataPtr data, load_carried({"", path, ""}));
  Figures figures;
  OCT_TRY_ASSIGN(OpenGpu gpu, open_gpu(figures));
  const RenderDataPtr picture = with_samples(*data, 8);
  ProgressCounter progress{0};
  OCT_TRY(gpu.device->upload(0, picture, {}, progress));
  double seconds = 0;
  OCT_TRY(render_picture(*gpu.device, *picture, seconds));
  return {};
}

int report_error(const Error& error) {
  fmt::print(stderr, "error: {}\n", error.message);
  if (!error.help.empty()) fmt::print(stderr, "help: {}\n", error.help);
  return kFailed;
}

int run(const Options& options) {
  set_float_mode();
  if (const CudaDevices gpus = list_cuda_devices(); gpus.devices.empty()) {
    fmt::print("no GPU: {}; nothing is measured\n", gpus.reason);
    return kNoGpu;
  }
  if (!options.profile.empty()) {
    const Result<void> done = profile(options.profile);
    return done ? 0 : report_error(done.error());
  }
  Figures figures;
  figures.set_circumstances(circumstances());
  const Result<int> faults = measure_all(figures, options);
  fmt::print("{}", figures.table());
  if (!options.json.empty()) {
    std::ofstream file(options.json);
    file << figures.json();
    if (!file.flush()) return report_error({ErrorKind::output, options.json + ": cannot be written", ""});
  }
  if (!faults) return report_error(faults.error());
  return *faults == 0 ? 0 : kFailed;
}

}  // namespace
}  // namespace oct::bench

int main(int argc, char** argv) {
  oct::bench::Options options;
  if (!oct::bench::parse(argc, argv, options)) {
    fmt::print(stderr,
               "usage: octane_gpu_bench [--carried FOLDER] [--json FILE] [--seconds N]\n"
               "       octane_gpu_bench --profile FILE.octscene\n");
    return oct::bench::kUsage;
  }
  try {
    return oct::bench::run(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return oct::bench::kFailed;
  }
}
