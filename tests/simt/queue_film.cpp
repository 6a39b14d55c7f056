#include "simt/queue_film.hpp"

#include <algorithm>

#include "launch/cpu_batches.hpp"
#include "shade/alpha.hpp"
#include "simt/fault.hpp"
#include "simt/simt_executor.hpp"

namespace oct::simt {
namespace {

/// Queue memory as a GPU would give it: aligned, and full of what was there before.
class QueueBlock {
 public:
  explicit QueueBlock(u32 capacity)
      : bytes_(QueueMemory(nullptr, capacity).byte_size() + kAlignment, 0xa5),
        memory_(reinterpret_cast<void*>((reinterpret_cast<u64>(bytes_.data()) + kAlignment - 1) / kAlignment *
                                        kAlignment),
                capacity) {}

  const QueueMemory& memory() const { return memory_; }

 private:
  static constexpr u64 kAlignment = 256;
  std::vector<u8> bytes_;
  QueueMemory memory_;
};

/// Units of a group, and where their paths and sums begin.
struct Group {
  std::vector<QueueUnit> units;
  u64 paths = 0, sums = 0;
};

Group group_of(const RenderSettings& settings, const std::vector<TileSamples>& work) {
  Group group;
  for (const TileSamples& part : work) {
    const u64 pixels = pixel_count(tile_rect(settings, part.tile));
    group.units.push_back({part.tile, part.samples, 0, group.paths, group.sums});
    group.paths += pixels * (part.samples.last - part.samples.first);
    group.sums += pixels * kFilmChannels;
  }
  return group;
}

/// As the GPU's device tells its kernels.
bool all_block(const RenderData& data) {
  return std::all_of(data.materials.begin(), data.materials.end(), &always_blocks);
}

}  // namespace

std::vector<TileSums> render_by_gpu_code(GpuCode& code, const RenderData& data, const SceneBvh& bvh,
                                         const std::vector<TileSamples>& work, u32 capacity) {
  const Group group = group_of(data.settings[0], work);
  std::vector<i64> sums(group.sums, 0);
  std::vector<u64> non_finite(work.size(), 0);
  const QueueBlock block(capacity);
  const QueueGroup queue_group{view_of(data), bvh,         group.units.data(), static_cast<u32>(work.size()),
                               group.paths,   sums.data(), non_finite.data(),  all_block(data)};
  SimtExecutor executor(code);
  if (render_group(executor, queue_group, block.memory(), capacity) != QueueOutcome::done)
    throw Fault("the driver of the queues gave up");
  std::vector<TileSums> result;
  for (std::size_t i = 0; i < work.size(); ++i) {
    const u64 begin = group.units[i].first_sum;
    const u64 end = i + 1 < work.size() ? group.units[i + 1].first_sum : group.sums;
    result.push_back(
        {{sums.begin() + static_cast<std::ptrdiff_t>(begin), sums.begin() + static_cast<std::ptrdiff_t>(end)},
         non_finite[i]});
  }
  return result;
}

std::vector<TileSums> render_by_cpu(const RenderData& data, const SceneBvh& bvh,
                                    const std::vector<TileSamples>& work) {
  const CpuKernels kernels = cpu_kernels_x64();
  std::vector<TileSums> result;
  for (const auto& [tile, samples] : work) {
    const u64 pixels = pixel_count(tile_rect(data.settings[0], tile));
    TileSums& sums = result.emplace_back();
    sums.sums.assign(pixels * kFilmChannels, 0);
    for (u64 path = pixels * samples.first; path < pixels * samples.last; path += kCpuBatchSize) {
      const u32 count = static_cast<u32>(std::min<u64>(kCpuBatchSize, pixels * samples.last - path));
      kernels.render_batch(view_of(data), bvh, {tile, count, path}, {sums.sums.data(), &sums.non_finite});
    }
  }
  return result;
}

}  // namespace oct::simt
