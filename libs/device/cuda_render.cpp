#include "device/cuda_render.hpp"

#include <algorithm>

#include "device/lease_stream.hpp"
#include "device/queue_sizes.hpp"
#include "launch/cuda_queues.hpp"

namespace oct {
namespace {

constexpr std::uint32_t kCanaryPaths = 256;

/// Paths that fill the calling thread's GPU, by its multiprocessors. Zero when it does not tell.
std::uint32_t paths_that_fill() {
  int device = 0, multiprocessors = 0;
  if (cudaGetDevice(&device) != cudaSuccess) return 0;
  cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device);
  return static_cast<std::uint32_t>(std::max(multiprocessors, 0)) * kPathsPerMultiprocessor;
}

}  // namespace

std::uint64_t CudaRenderer::missing_bytes() const {
  return machine_.is_allocated() ? 0 : cuda_queue_bytes(queue_sizes(kLeastPaths));
}

Result<void> CudaRenderer::allocate() {
  if (machine_.is_allocated()) return {};
  std::size_t free_bytes = 0, total_bytes = 0;
  if (cudaMemGetInfo(&free_bytes, &total_bytes) != cudaSuccess) free_bytes = 0;
  std::uint32_t paths = paths_under_way(paths_that_fill(), free_bytes, [](std::uint32_t count) {
    return cuda_queue_bytes(queue_sizes(count));
  });
  Result<void> allocated = machine_.allocate(queue_sizes(paths));
  while (!allocated && paths > kLeastPaths) {  // somebody else took what was free
    paths = std::max(paths / 2, kLeastPaths);
    allocated = machine_.allocate(queue_sizes(paths));
  }
  return allocated;
}

Result<void> CudaRenderer::allocate_for_canary() {
  return machine_.allocate(queue_sizes(kCanaryPaths));
}

void CudaRenderer::render(const DeviceScene& scene, LeaseSource& source, ProgressCounter& progress) {
  machine_.set_scene({scene.view, scene.tree->bvh, scene.all_block});
  LeaseStream(machine_, scene.data->settings[0], source, progress).run();
}

}  // namespace oct
