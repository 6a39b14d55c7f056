#include <fmt/format.h>

#include <chrono>
#include <cstring>
#include <limits>

#include "base/figure.hpp"
#include "base/file.hpp"
#include "geometry/slab.hpp"
#include "master/scene_loader.hpp"
#include "octane_master/commands.hpp"
#include "octane_master/failed.hpp"
#include "render/device_choice.hpp"

// `octane_master bench`: rays from a file, so that anyone can compare with another tracer.

namespace oct {
namespace {

/// As rays stand in the file.
struct FileRay {
  float origin[3], t_min, direction[3], t_max;
};
static_assert(sizeof(FileRay) == 32);

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Result<std::vector<Ray>> read_rays(const std::string& path) {
  OCT_TRY_ASSIGN(const Bytes bytes, read_file(path));
  if (bytes.size() % sizeof(FileRay) != 0) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: {} bytes are not a whole number of rays of 32 bytes", path, bytes.size()));
  }
  std::vector<Ray> rays(bytes.size() / sizeof(FileRay));
  for (std::size_t i = 0; i < rays.size(); ++i) {
    FileRay from;
    std::memcpy(&from, bytes.data() + i * sizeof from, sizeof from);
    Ray& ray = rays[i];
    ray.origin = {from.origin[0], from.origin[1], from.origin[2]};
    ray.direction = {from.direction[0], from.direction[1], from.direction[2]};
    ray.t_min = from.t_min;
    ray.t_max = from.t_max;
    ray.after = {-1, 0, 0};
    ray.exclude_instance = ray.exclude_primitive = kNone;
  }
  return rays;
}

/// Rays that hit nothing by definition (docs/decisions/0011-hit-definition.md) are most likely a mistake.
void warn_of_unusable(Console& console, const std::vector<Ray>& rays, const std::string& path) {
  std::size_t count = 0, first = 0;
  for (std::size_t i = 0; i < rays.size(); ++i) {
    const Ray& ray = rays[i];
    if (within_limits(ray.origin, ray.direction) && ray.t_min <= ray.t_max) continue;
    if (count++ == 0) first = i;
  }
  if (count == 0) return;
  console.warning(
      fmt::format("{}: {} of {} rays hit nothing whatever the scene, the first is ray {}: not a "
                  "number, beyond 1e18, without direction, or t_min > t_max",
                  path, count, rays.size(), first));
}

/// The first GPU chosen, or the CPU where there is none or it is asked for.
Result<std::unique_ptr<Device>> first_device(const DeviceChoice& choice) {
  if (choice.cpu && choice.gpus.empty()) return open_cpu(choice);
  OCT_TRY_ASSIGN(const DevicePlan plan, plan_devices(choice, list_cuda_devices()));
  return plan.gpus.empty() ? open_cpu(choice) : make_cuda_device(plan.gpus.front().index);
}

Result<void> write_distances(const std::string& path, const std::vector<Hit>& hits) {
  std::vector<float> distances(hits.size());
  for (std::size_t i = 0; i < hits.size(); ++i) {
    distances[i] = hits[i].instance == kNone ? std::numeric_limits<float>::infinity() : hits[i].t;
  }
  return write_file_by_renaming(path, bytes_of(std::span<const float>(distances)));
}

}  // namespace

ExitCode bench_rays(Console& console, const MasterCommand& command) {
  if (auto writable = check_writable(command.hits); !writable)
    return failed(console, writable.error(), ExitCode::output);
  const auto rays = read_rays(command.rays);
  if (!rays) return failed(console, rays.error(), ExitCode::input);
  warn_of_unusable(console, *rays, command.rays);
  ThreadPool pool(command.render.devices.threads);
  ExitCode code = ExitCode::input;
  const auto scene = load_scene(command.job.scene, pool, code);
  if (!scene) return failed(console, scene.error(), code);
  auto device = first_device(command.render.devices);
  if (!device) return failed(console, device.error(), ExitCode::device);

  ProgressCounter progress{0};
  const auto build_start = std::chrono::steady_clock::now();
  if (auto uploaded = (*device)->upload(0, scene->data(), {}, progress); !uploaded)
    return failed(console, uploaded.error(), ExitCode::device);
  const double build_seconds = seconds_since(build_start);
  std::vector<Hit> hits(rays->size());
  const auto trace_start = std::chrono::steady_clock::now();
  if (auto traced = (*device)->trace(0, *rays, hits); !traced)
    return failed(console, traced.error(), ExitCode::device);
  const double trace_seconds = seconds_since(trace_start);
  if (auto written = write_distances(command.hits, hits); !written)
    return failed(console, written.error(), ExitCode::output);
  console.wanted_line(fmt::format(
      "{} rays on {}: built in {} s, traced in {} s, {} million rays a second", rays->size(),
      device_title((*device)->info()), figure(build_seconds, 3), figure(trace_seconds, 3),
      figure(trace_seconds > 0 ? static_cast<double>(rays->size()) / trace_seconds / 1e6 : 0, 2)));
  return ExitCode::done;
}

}  // namespace oct
