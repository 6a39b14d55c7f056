#include "gpu/bench/scene_times.hpp"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <chrono>

#include "film/film.hpp"
#include "film/tile_sums.hpp"
#include "gpu/bench/kernel_clock.hpp"

namespace oct::bench {
namespace {

/// Seconds since it was made.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  double milliseconds() const { return 1e3 * seconds(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

Lease whole_picture(const RenderSettings& settings) {
  Lease lease{1, {}};
  for (u32 tile = 0; tile < tile_count(settings); ++tile)
    lease.units.push_back({tile, 0, pass_count(settings)});
  return lease;
}

Result<void> upload(Device& device, const RenderDataPtr& data) {
  ProgressCounter progress{0};
  return device.upload(0, data, {}, progress);
}

double sample_count(const RenderData& data) {
  const RenderSettings& settings = data.settings[0];
  return static_cast<double>(settings.width) * settings.height * settings.samples_per_pixel;
}

void add_totals(Figures& figures, const std::string& group, const KernelTotals& totals, double samples,
                double seconds) {
  std::uint64_t launches = 0;
  for (const auto& [name, kernel] : totals.kernels) {
    figures.add(group, fmt::format("{}: time", name), 1e9 * kernel.seconds / samples, "ns/sample");
    figures.add(group, fmt::format("{}: launches", name), static_cast<double>(kernel.launches), "");
    launches = std::max(launches, kernel.launches);
  }
  figures.add(group, "rounds: launches of the kernel that has most", static_cast<double>(launches), "");
  figures.add(group, "kernels, of the time of rendering", 100 * totals.busy_seconds() / seconds, "%");
  figures.add(group, "copies to the GPU", static_cast<double>(totals.to_device.count), "");
  figures.add(group, "copied to the GPU", 1e-3 * static_cast<double>(totals.to_device.bytes), "kB");
  figures.add(group, "copies from the GPU", static_cast<double>(totals.to_host.count), "");
  figures.add(group, "copied from the GPU", 1e-3 * static_cast<double>(totals.to_host.bytes), "kB");
  if (totals.lost > 0) figures.leave_out(group, fmt::format("{} records of CUPTI were lost", totals.lost));
}

/// Renders once more, watched; a group of figures with the time of each kernel.
Result<void> add_kernel_times(Figures& figures, Device& device, const std::string& group,
                              const RenderData& data) {
  KernelClock clock;
  if (!clock.trouble().empty()) {
    figures.leave_out(group + ": time per kernel", clock.trouble());
    return {};
  }
  double seconds = 0;
  OCT_TRY(render_picture(device, data, seconds));
  add_totals(figures, group, clock.take(), sample_count(data), seconds);
  return {};
}

Result<std::string> film_of_cpu(const RenderDataPtr& data) {
  OCT_TRY_ASSIGN(const std::unique_ptr<Device> cpu, make_cpu_device({}));
  OCT_TRY(upload(*cpu, data));
  double seconds = 0;
  return render_picture(*cpu, *data, seconds);
}

}  // namespace

Result<std::string> render_picture(Device& device, const RenderData& data, double& seconds) {
  Film film(data.settings[0]);
  ProgressCounter progress{0};
  const Stopwatch watch;
  OCT_TRY(device.render(0, whole_picture(data.settings[0]), {}, progress,
                        [&](const FilmContribution& contribution) { film.merge(contribution); }));
  seconds = watch.seconds();
  return film.hash().hex();
}

Result<OpenGpu> open_gpu(Figures& figures) {
  const Stopwatch context;
  if (const cudaError_t error = cudaFree(nullptr); error != cudaSuccess)
    return fail(ErrorKind::unavailable,
                fmt::format("the GPU cannot be used ({})", cudaGetErrorString(error)));
  figures.add("start", "context", context.milliseconds(), "ms");
  OpenGpu gpu{std::make_shared<TreeStore>(), nullptr};
  const Stopwatch kernels;
  OCT_TRY_ASSIGN(gpu.device, make_cuda_device(0, gpu.trees));
  figures.add("start", "kernels loaded", kernels.milliseconds(), "ms");
  return gpu;
}

Result<void> measure_start(Figures& figures, OpenGpu& gpu, const std::string& name,
                           const RenderDataPtr& data) {
  const std::string group = "start: " + name;
  const RenderDataPtr one = with_samples(*data, 1);
  ProgressCounter progress{0};
  const Stopwatch tree;
  OCT_TRY(gpu.trees->tree(*one, TreeFormat::compact, {}, progress));
  figures.add(group, "tree", tree.milliseconds(), "ms");
  const std::uint64_t bytes = gpu.device->uploaded_bytes();
  const Stopwatch copying;
  OCT_TRY(upload(*gpu.device, one));
  figures.add(group, "upload", copying.milliseconds(), "ms");
  figures.add(group, "uploaded", 1e-6 * static_cast<double>(gpu.device->uploaded_bytes() - bytes), "MB");
  double seconds = 0;
  OCT_TRY(render_picture(*gpu.device, *one, seconds));
  figures.add(group, "first sample of each pixel", 1e3 * seconds, "ms");
  OCT_TRY(render_picture(*gpu.device, *one, seconds));
  figures.add(group, "the same again", 1e3 * seconds, "ms");
  return {};
}

Result<int> measure_renders(Figures& figures, const TimeBound& bound, OpenGpu& gpu, const std::string& name,
                            const RenderDataPtr& data) {
  int faults = 0;
  double seconds_a_sample = 0;  // of each pixel
  for (const std::uint32_t samples : {8u, 64u, 2048u}) {
    const std::string group = fmt::format("{}: {} samples a pixel", name, samples);
    if (!bound.allows(2 * seconds_a_sample * samples)) {
      figures.leave_out(group, "no time");
      continue;
    }
    const RenderDataPtr picture = with_samples(*data, samples);
    OCT_TRY(upload(*gpu.device, picture));
    double seconds = 0;
    OCT_TRY_ASSIGN(const std::string film, render_picture(*gpu.device, *picture, seconds));
    seconds_a_sample = seconds / samples;
    figures.add(group, "rendered in", seconds, "s");
    figures.add(group, "samples a second", 1e-6 * sample_count(*picture) / seconds, "Ms/s");
    OCT_TRY(add_kernel_times(figures, *gpu.device, group, *picture));
    if (samples != 8) continue;
    OCT_TRY_ASSIGN(const std::string expected, film_of_cpu(picture));
    if (film != expected) fmt::print("{}: OTHER FILM THAN THE CPU'S\n", group);
    faults += film == expected ? 0 : 1;
  }
  return faults;
}

}  // namespace oct::bench
