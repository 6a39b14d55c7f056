#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <utility>

#include "base/figure.hpp"
#include "base/thread_pool.hpp"
#include "device/canary.hpp"
#include "device/cuda_scene.hpp"
#include "device/device.hpp"
#include "device/lease_work.hpp"
#include "device/scene_slots.hpp"
#include "device/tree_store.hpp"
#include "launch/canary.hpp"
#include "launch/cuda_queues.hpp"

namespace oct {
namespace {

/// Paths in flight: enough to fill the largest GPUs, about 300 MB of queues.
constexpr std::uint32_t kQueueCapacity = 1u << 20;
constexpr std::uint32_t kCanaryPaths = 256;
/// Units are rendered in groups of about so many paths: tens of milliseconds, and the sums come back
/// together.
constexpr std::uint64_t kPathsPerGroup = 4u << 20;
/// Device memory left for the driver, displays and launches.
constexpr std::uint64_t kReservedBytes = 256u << 20;

/// Memory for paths in flight.
struct PathQueues {
  DeviceBuffer memory;
  std::uint32_t capacity = 0;  ///< paths, 0 = none
};

/// One part of a lease rendered at once, on the host's side.
struct Group {
  std::vector<QueueUnit> units;
  std::uint64_t path_count = 0;
  std::uint64_t sum_count = 0;
};

bool stop_is_requested(const void* context) {
  return static_cast<const std::stop_token*>(context)->stop_requested();
}

class CudaDevice final : public Device {
 public:
  CudaDevice(DeviceInfo info, std::shared_ptr<TreeStore> trees)
      : info_(std::move(info)), trees_(std::move(trees)) {}
  ~CudaDevice() override {
    cudaSetDevice(static_cast<int>(info_.index));
    if (stream_ != nullptr) cudaStreamDestroy(stream_);
  }

  Result<void> open() {
    OCT_TRY(checked("the GPU cannot be used", cudaSetDevice(static_cast<int>(info_.index))));
    OCT_TRY(checked("its kernels cannot be loaded", static_cast<cudaError_t>(cuda_load_kernels())));
    OCT_TRY(checked("no stream", cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)));
    return loader_.open(device_title(info_));
  }

  const DeviceInfo& info() const override { return info_; }

  Result<void> upload(std::uint32_t slot, RenderDataPtr data, std::stop_token stop,
                      ProgressCounter& progress) override {
    OCT_TRY(use());
    auto scene = std::make_shared<DeviceScene>();
    scene->data = std::move(data);
    const SceneNames names = names_of(*scene->data);
    std::vector<std::shared_ptr<const DeviceScene>> others{std::exchange(released_, nullptr)};
    for (std::uint32_t i = 0; i < kSceneSlots; ++i) others.push_back(scenes_.get(i));
    SceneLoader::adopt(*scene, names, others);
    others.clear();  // what is of no use any more makes room
    scenes_.set(slot, nullptr);
    progress.fetch_add(1, std::memory_order_relaxed);
    std::shared_ptr<const HostBvh> host_tree;
    if (!scene->tree) {
      OCT_TRY_ASSIGN(host_tree, trees_->tree(*scene->data, TreeFormat::compact, stop, progress));
    }
    OCT_TRY(check_memory(SceneLoader::missing_bytes(*scene) + (host_tree ? host_tree->byte_size() : 0)));
    OCT_TRY(loader_.load(*scene, names, host_tree.get(), stop, progress));
    // made with the first scene and kept: another one may be rendered with them now
    if (queues_.capacity == 0) OCT_TRY(allocate(queues_, kQueueCapacity));
    scenes_.set(slot, std::move(scene));
    return {};
  }

  void release(std::uint32_t slot) override {
    if (!use()) return;
    if (auto scene = scenes_.set(slot, nullptr)) released_ = std::move(scene);
  }

  std::uint64_t uploaded_bytes() const override { return loader_.copied_bytes(); }

  std::optional<std::uint64_t> free_bytes() const override {
    std::size_t free_bytes = 0, total_bytes = 0;
    if (!use() || cudaMemGetInfo(&free_bytes, &total_bytes) != cudaSuccess) return std::nullopt;
    return free_bytes;
  }

  bool is_lost() override {
    std::size_t free_bytes = 0, total_bytes = 0;
    cudaError_t error = cudaSetDevice(static_cast<int>(info_.index));
    if (error == cudaSuccess) error = cudaMemGetInfo(&free_bytes, &total_bytes);
    cudaGetLastError();
    return is_lost_by(error);
  }

  Result<void> render(std::uint32_t slot, const Lease& lease, std::stop_token stop, ProgressCounter& progress,
                      const ContributionSink& sink) override {
    OCT_TRY(use());
    const std::shared_ptr<const DeviceScene> scene = scenes_.get(slot);
    if (!scene) return fail(ErrorKind::unavailable, "no scene has been uploaded");
    OCT_TRY(check_units(scene->data->settings[0], lease));
    for (std::size_t first = 0; first < lease.units.size();) {
      const Group group = next_group(scene->data->settings[0], lease, first);
      OCT_TRY(render_group(*scene, queues_, group, lease, first, stop, sink));
      first += group.units.size();
      progress.fetch_add(1, std::memory_order_relaxed);
    }
    return {};
  }

  Result<Digest> canary(std::stop_token stop) override {
    OCT_TRY(use());
    OCT_TRY_ASSIGN(const std::vector<u32> maths, canary_maths());
    DeviceScene scene;
    scene.data = canary_scene();
    const SceneNames names = names_of(*scene.data, 1);
    SceneLoader::adopt(scene, names, {});
    BvhOptions options;
    options.wide = false;
    options.compact = true;
    ThreadPool alone(1);
    ProgressCounter progress{0};
    OCT_TRY_ASSIGN(const HostBvh tree, HostBvh::build(*scene.data, alone, stop, progress, options));
    SceneLoader loader;  // another scene may be uploaded now
    OCT_TRY(loader.open(device_title(info_)));
    OCT_TRY(loader.load(scene, names, &tree, stop, progress));
    PathQueues queues;
    OCT_TRY(allocate(queues, kCanaryPaths));
    const Lease lease = canary_lease();
    FilmContribution film;
    OCT_TRY(render_group(scene, queues, next_group(scene.data->settings[0], lease, 0), lease, 0, stop,
                         [&](FilmContribution contribution) { film = std::move(contribution); }));
    return canary_digest(maths, film);
  }

  Result<void> trace(std::uint32_t slot, std::span<const Ray> rays, std::span<Hit> hits) override {
    OCT_CHECK_EQ(rays.size(), hits.size());
    OCT_TRY(use());
    const std::shared_ptr<const DeviceScene> scene = scenes_.get(slot);
    if (!scene) return fail(ErrorKind::unavailable, "no scene has been uploaded");
    constexpr std::size_t kMostRays = 1u << 22;
    DeviceBuffer device_rays, device_hits, next;
    OCT_TRY(checked("no memory for rays", next.allocate(sizeof(u32))));
    for (std::size_t first = 0; first < rays.size(); first += kMostRays) {
      const auto part = rays.subspan(first, std::min(kMostRays, rays.size() - first));
      OCT_TRY(checked("no memory for rays", device_rays.fill(part.data(), part.size_bytes(), stream_)));
      OCT_TRY(checked("no memory for hits", device_hits.allocate(part.size() * sizeof(Hit))));
      OCT_TRY(checked("rays cannot be counted", cudaMemsetAsync(next.data(), 0, sizeof(u32), stream_)));
      const int error = cuda_trace_rays(scene->tree->bvh, device_rays.as<Ray>(), device_hits.as<Hit>(),
                                        next.as<u32>(), static_cast<std::uint32_t>(part.size()), stream_);
      OCT_TRY(checked("rays cannot be traced", static_cast<cudaError_t>(error)));
      OCT_TRY(checked("hits cannot be read", cudaMemcpy(&hits[first], device_hits.data(),
                                                        part.size() * sizeof(Hit), cudaMemcpyDeviceToHost)));
    }
    return {};
  }

 private:
  /// Makes this GPU the calling thread's.
  Result<void> use() const {
    return checked("the GPU cannot be used", cudaSetDevice(static_cast<int>(info_.index)));
  }

  Result<void> checked(const char* what, cudaError_t error) const {
    return check_cuda(device_title(info_), what, error);
  }

  Result<void> allocate(PathQueues& queues, std::uint32_t capacity) const {
    OCT_TRY(checked("no memory for paths", queues.memory.allocate(cuda_queue_bytes(capacity))));
    queues.capacity = capacity;
    return {};
  }

  Result<std::vector<u32>> canary_maths() {
    const std::vector<u32> inputs = canary_inputs();
    std::vector<u32> results(std::size_t{kCanaryInputs} * kCanaryFunctions);
    const std::uint64_t result_bytes = results.size() * sizeof(u32);
    DeviceBuffer device_inputs, device_results;
    OCT_TRY(checked("no memory for the canary",
                    device_inputs.fill(inputs.data(), inputs.size() * sizeof(u32), stream_)));
    OCT_TRY(checked("no memory for the canary", device_results.allocate(result_bytes)));
    const int error = cuda_canary_maths(device_inputs.as<u32>(), device_results.as<u32>(), stream_);
    OCT_TRY(checked("the canary failed", static_cast<cudaError_t>(error)));
    OCT_TRY(checked("the canary cannot be read",
                    cudaMemcpy(results.data(), device_results.data(), result_bytes, cudaMemcpyDeviceToHost)));
    return results;
  }

  Result<void> check_memory(std::uint64_t scene_bytes) const {
    std::size_t free_bytes = 0, total_bytes = 0;
    OCT_TRY(checked("its memory cannot be asked for", cudaMemGetInfo(&free_bytes, &total_bytes)));
    const std::uint64_t queue_bytes = queues_.capacity == 0 ? cuda_queue_bytes(kQueueCapacity) : 0;
    const std::uint64_t needed = scene_bytes + queue_bytes + kReservedBytes;
    if (needed <= free_bytes) return {};
    constexpr double kGigabyte = 1e9;
    return fail(ErrorKind::exhausted,
                fmt::format("GPU {} needs {} GB for this scene, {} GB are free", info_.index,
                            figure(static_cast<double>(needed) / kGigabyte, 1),
                            figure(static_cast<double>(free_bytes) / kGigabyte, 1)));
  }

  /// Units of the lease from `first` on, at least one, up to about kPathsPerGroup paths.
  static Group next_group(const RenderSettings& settings, const Lease& lease, std::size_t first) {
    Group group;
    for (std::size_t i = first; i < lease.units.size(); ++i) {
      const UnitRange& range = lease.units[i];
      const SampleRange samples = samples_of(settings, range.first_pass, range.last_pass);
      const std::uint64_t pixels = pixel_count(tile_rect(settings, range.tile));
      const std::uint64_t paths = pixels * (samples.last - samples.first);
      if (i > first && group.path_count + paths > kPathsPerGroup) break;
      group.units.push_back({range.tile, samples, 0, group.path_count, group.sum_count});
      group.path_count += paths;
      group.sum_count += pixels * kFilmChannels;
    }
    return group;
  }

  Result<void> render_group(const DeviceScene& scene, const PathQueues& queues, const Group& group,
                            const Lease& lease, std::size_t first, const std::stop_token& stop,
                            const ContributionSink& sink) {
    const std::size_t unit_count = group.units.size();
    const std::uint64_t sum_bytes = group.sum_count * sizeof(std::int64_t);
    const std::uint64_t count_bytes = unit_count * sizeof(std::uint64_t);
    DeviceBuffer units, sums;
    OCT_TRY(checked("no memory for units",
                    units.fill(group.units.data(), unit_count * sizeof(QueueUnit), stream_)));
    OCT_TRY(checked("no memory for sums", sums.allocate(sum_bytes + count_bytes)));
    OCT_TRY(
        checked("sums cannot be cleared", cudaMemsetAsync(sums.data(), 0, sum_bytes + count_bytes, stream_)));

    const QueueGroup work{scene.view,
                          scene.tree->bvh,
                          units.as<const QueueUnit>(),
                          static_cast<std::uint32_t>(unit_count),
                          group.path_count,
                          sums.as<std::int64_t>(),
                          reinterpret_cast<std::uint64_t*>(sums.as<std::byte>() + sum_bytes),
                          scene.all_block};
    const CudaOutcome outcome =
        cuda_render_group(work, queues.memory.data(), queues.capacity, stream_, {&stop_is_requested, &stop});
    OCT_TRY(checked("rendering failed", static_cast<cudaError_t>(outcome.error)));
    if (outcome.stopped) return fail(ErrorKind::cancelled, "the lease was cancelled");

    std::vector<std::int64_t> result(group.sum_count + unit_count);
    OCT_TRY(checked("sums cannot be read",
                    cudaMemcpy(result.data(), sums.data(), sum_bytes + count_bytes, cudaMemcpyDeviceToHost)));
    for (std::size_t i = 0; i < unit_count; ++i) {
      const std::uint64_t begin = group.units[i].first_sum;
      const std::uint64_t end = i + 1 < unit_count ? group.units[i + 1].first_sum : group.sum_count;
      FilmContribution contribution;
      contribution.units = lease.units[first + i];
      contribution.sums.assign(result.begin() + static_cast<std::ptrdiff_t>(begin),
                               result.begin() + static_cast<std::ptrdiff_t>(end));
      contribution.non_finite_samples = static_cast<std::uint64_t>(result[group.sum_count + i]);
      sink(std::move(contribution));
    }
    return {};
  }

  DeviceInfo info_;
  std::shared_ptr<TreeStore> trees_;
  cudaStream_t stream_ = nullptr;  ///< of whoever renders
  SceneLoader loader_;
  SceneSlots<DeviceScene> scenes_;
  std::shared_ptr<const DeviceScene> released_;  ///< the last one, until the next upload may have shared it
  PathQueues queues_;
};

std::string reason_without_gpu(cudaError_t error) {
  int driver = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0) return "no driver found";
  if (error == cudaErrorInsufficientDriver) return "the driver is older than this program needs";
  if (error == cudaErrorNoDevice || error == cudaSuccess) return "none in this computer";
  return cudaGetErrorString(error);
}

}  // namespace

CudaDevices list_cuda_devices() {
  CudaDevices result;
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  for (int i = 0; error == cudaSuccess && i < count; ++i) {
    cudaDeviceProp properties;
    if (cudaGetDeviceProperties(&properties, i) != cudaSuccess) continue;
    DeviceInfo info;
    info.kind = DeviceKind::cuda;
    info.index = static_cast<std::uint32_t>(i);
    info.name = properties.name;
    info.memory_bytes = properties.totalGlobalMem;
    result.devices.push_back(std::move(info));
  }
  if (result.devices.empty()) result.reason = reason_without_gpu(error);
  return result;
}

Result<std::unique_ptr<Device>> make_cuda_device(std::uint32_t index, std::shared_ptr<TreeStore> trees) {
  if (!trees) trees = std::make_shared<TreeStore>();
  for (const DeviceInfo& info : list_cuda_devices().devices) {
    if (info.index != index) continue;
    auto device = std::make_unique<CudaDevice>(info, trees);
    OCT_TRY(device->open());
    return std::unique_ptr<Device>(std::move(device));
  }
  return fail(ErrorKind::unavailable, fmt::format("there is no GPU {}", index),
              "octane_master devices lists them");
}

}  // namespace oct
