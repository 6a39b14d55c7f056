#include "device/cuda_render.hpp"

#include <utility>

#include "launch/cuda_queues.hpp"

namespace oct {
namespace {

/// Paths in flight: enough to fill the largest GPUs, about 300 MB of queues.
constexpr std::uint32_t kQueueCapacity = 1u << 20;
constexpr std::uint32_t kCanaryPaths = 256;
/// Units are rendered in groups of about so many paths: tens of milliseconds, and the sums come back
/// together.
constexpr std::uint64_t kPathsPerGroup = 4u << 20;
bool stop_is_requested(const void* context) {
  return static_cast<const std::stop_token*>(context)->stop_requested();
}

}  // namespace

/// One part of a lease rendered at once, on the host's side.
struct CudaRenderer::Group {
  std::vector<QueueUnit> units;
  std::uint64_t path_count = 0;
  std::uint64_t sum_count = 0;
};

CudaRenderer::~CudaRenderer() {
  if (stream_ != nullptr) cudaStreamDestroy(stream_);
}

Result<void> CudaRenderer::checked(const char* what, cudaError_t error) const {
  return check_cuda(device_, what, error);
}

Result<void> CudaRenderer::open(std::string device) {
  device_ = std::move(device);
  return checked("no stream", cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
}

std::uint64_t CudaRenderer::missing_bytes() const {
  return capacity_ == 0 ? cuda_queue_bytes(kQueueCapacity) : 0;
}

Result<void> CudaRenderer::allocate() {
  return capacity_ == 0 ? allocate(kQueueCapacity) : Result<void>();
}

Result<void> CudaRenderer::allocate_for_canary() {
  return allocate(kCanaryPaths);
}

Result<void> CudaRenderer::allocate(std::uint32_t capacity) {
  OCT_TRY(checked("no memory for paths", memory_.allocate(cuda_queue_bytes(capacity))));
  capacity_ = capacity;
  return {};
}

Result<void> CudaRenderer::render(const DeviceScene& scene, const Lease& lease, const std::stop_token& stop,
                                  ProgressCounter& progress, const ContributionSink& sink) {
  for (std::size_t first = 0; first < lease.units.size();) {
    const Group group = next_group(scene.data->settings[0], lease, first);
    OCT_TRY(render_group(scene, group, lease, first, stop, sink));
    first += group.units.size();
    progress.fetch_add(1, std::memory_order_relaxed);
  }
  return {};
}

/// Units of the lease from `first` on, at least one, up to about kPathsPerGroup paths.
CudaRenderer::Group CudaRenderer::next_group(const RenderSettings& settings, const Lease& lease,
                                             std::size_t first) {
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

Result<void> CudaRenderer::render_group(const DeviceScene& scene, const Group& group, const Lease& lease,
                                        std::size_t first, const std::stop_token& stop,
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
      cuda_render_group(work, memory_.data(), capacity_, stream_, {&stop_is_requested, &stop});
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

}  // namespace oct
