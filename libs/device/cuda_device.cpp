#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <utility>

#include "base/figure.hpp"
#include "base/thread_pool.hpp"
#include "device/canary.hpp"
#include "device/cuda_render.hpp"
#include "device/cuda_scene.hpp"
#include "device/device.hpp"
#include "device/lease_stream.hpp"
#include "device/scene_slots.hpp"
#include "device/tree_store.hpp"
#include "launch/canary.hpp"
#include "launch/cuda_queues.hpp"

namespace oct {
namespace {

/// Device memory left for the driver, displays and launches.
constexpr std::uint64_t kReservedBytes = 256u << 20;

class CudaDevice final : public Device {
 public:
  CudaDevice(DeviceInfo info, std::shared_ptr<TreeStore> trees)
      : info_(std::move(info)), trees_(std::move(trees)) {}
  ~CudaDevice() override { cudaSetDevice(static_cast<int>(info_.index)); }

  Result<void> open() {
    OCT_TRY(checked("the GPU cannot be used", cudaSetDevice(static_cast<int>(info_.index))));
    OCT_TRY(checked("its kernels cannot be loaded", static_cast<cudaError_t>(cuda_load_kernels())));
    OCT_TRY(renderer_.open(device_title(info_)));
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
    OCT_TRY(renderer_.allocate());
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
    return render_one(*this, slot, lease, std::move(stop), progress, sink);
  }

  void render_leases(std::uint32_t slot, LeaseSource& source, ProgressCounter& progress) override {
    const Result<void> used = use();
    const std::shared_ptr<const DeviceScene> scene = scenes_.get(slot);
    if (used && scene) {
      renderer_.render(*scene, source, progress);
    } else if (const std::optional<LeaseJob> job = source.next()) {
      job->done(used ? Result<void>(fail(ErrorKind::unavailable, "no scene has been uploaded")) : used);
    }
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
    CudaRenderer renderer;  // the other one may have no memory yet
    OCT_TRY(renderer.open(device_title(info_)));
    OCT_TRY(renderer.allocate_for_canary());
    FilmContribution film;
    OneLease source(canary_lease(), stop,
                    [&](FilmContribution contribution) { film = std::move(contribution); });
    renderer.render(scene, source, progress);
    OCT_TRY(source.result());
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
      OCT_TRY(checked("no memory for rays",
                      device_rays.fill(part.data(), part.size_bytes(), renderer_.stream())));
      OCT_TRY(checked("no memory for hits", device_hits.allocate(part.size() * sizeof(Hit))));
      OCT_TRY(checked("rays cannot be counted",
                      cudaMemsetAsync(next.data(), 0, sizeof(u32), renderer_.stream())));
      const int error =
          cuda_trace_rays(scene->tree->bvh, device_rays.as<Ray>(), device_hits.as<Hit>(), next.as<u32>(),
                          static_cast<std::uint32_t>(part.size()), renderer_.stream());
      OCT_TRY(checked("rays cannot be traced", static_cast<cudaError_t>(error)));
      OCT_TRY(checked("hits cannot be read", cudaMemcpy(&hits[first], device_hits.data(),
                                                        part.size() * sizeof(Hit), cudaMemcpyDeviceToHost)));
    }
    return {};
  }

 private:
  /// Makes this GPU the calling thread's. What an earlier call left as the thread's last error is forgotten: a launch
  /// would be taken for the one that failed.
  Result<void> use() const {
    const Result<void> used = checked("the GPU cannot be used", cudaSetDevice(static_cast<int>(info_.index)));
    cudaGetLastError();
    return used;
  }

  Result<void> checked(const char* what, cudaError_t error) const {
    return check_cuda(device_title(info_), what, error);
  }

  Result<std::vector<u32>> canary_maths() {
    const std::vector<u32> inputs = canary_inputs();
    std::vector<u32> results(std::size_t{kCanaryInputs} * kCanaryFunctions);
    const std::uint64_t result_bytes = results.size() * sizeof(u32);
    DeviceBuffer device_inputs, device_results;
    OCT_TRY(checked("no memory for the canary",
                    device_inputs.fill(inputs.data(), inputs.size() * sizeof(u32), renderer_.stream())));
    OCT_TRY(checked("no memory for the canary", device_results.allocate(result_bytes)));
    const int error =
        cuda_canary_maths(device_inputs.as<u32>(), device_results.as<u32>(), renderer_.stream());
    OCT_TRY(checked("the canary failed", static_cast<cudaError_t>(error)));
    OCT_TRY(checked("the canary cannot be read",
                    cudaMemcpy(results.data(), device_results.data(), result_bytes, cudaMemcpyDeviceToHost)));
    return results;
  }

  Result<void> check_memory(std::uint64_t scene_bytes) const {
    std::size_t free_bytes = 0, total_bytes = 0;
    OCT_TRY(checked("its memory cannot be asked for", cudaMemGetInfo(&free_bytes, &total_bytes)));
    const std::uint64_t needed = scene_bytes + renderer_.missing_bytes() + kReservedBytes;
    if (needed <= free_bytes) return {};
    constexpr double kGigabyte = 1e9;
    return fail(ErrorKind::exhausted,
                fmt::format("GPU {} needs {} GB for this scene, {} GB are free", info_.index,
                            figure(static_cast<double>(needed) / kGigabyte, 1),
                            figure(static_cast<double>(free_bytes) / kGigabyte, 1)));
  }

  DeviceInfo info_;
  std::shared_ptr<TreeStore> trees_;
  CudaRenderer renderer_;  ///< of whoever renders
  SceneLoader loader_;
  SceneSlots<DeviceScene> scenes_;
  std::shared_ptr<const DeviceScene> released_;  ///< the last one, until the next upload may have shared it
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
  cudaGetLastError();  // it is told here
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
