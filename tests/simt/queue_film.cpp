#include "simt/queue_film.hpp"

#include <algorithm>

#include "launch/cpu_batches.hpp"
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

Group group_of(const RenderSettings& settings, const std::vector<UnitRange>& ranges) {
  Group group;
  for (const UnitRange& range : ranges) {
    const SampleRange samples = samples_of(settings, range.first_pass, range.last_pass);
    const u64 pixels = pixel_count(tile_rect(settings, range.tile));
    group.units.push_back({range.tile, samples, 0, group.paths, group.sums});
    group.paths += pixels * (samples.last - samples.first);
    group.sums += pixels * kFilmChannels;
  }
  return group;
}

}  // namespace

std::vector<FilmContribution> render_by_gpu_code(GpuCode& code, const RenderData& data, const SceneBvh& bvh,
                                                 const std::vector<UnitRange>& ranges, u32 capacity) {
  const Group group = group_of(data.settings[0], ranges);
  std::vector<i64> sums(group.sums, 0);
  std::vector<u64> non_finite(ranges.size(), 0);
  const QueueBlock block(capacity);
  const QueueGroup work{view_of(data), bvh,         group.units.data(), static_cast<u32>(ranges.size()),
                        group.paths,   sums.data(), non_finite.data()};
  SimtExecutor executor(code);
  if (render_group(executor, work, block.memory(), capacity) != QueueOutcome::done)
    throw Fault("the driver of the queues gave up");
  std::vector<FilmContribution> result;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const u64 end = i + 1 < ranges.size() ? group.units[i + 1].first_sum : group.sums;
    FilmContribution contribution{ranges[i], {}, non_finite[i]};
    contribution.sums.assign(sums.begin() + static_cast<std::ptrdiff_t>(group.units[i].first_sum),
                             sums.begin() + static_cast<std::ptrdiff_t>(end));
    result.push_back(std::move(contribution));
  }
  return result;
}

std::vector<FilmContribution> render_by_cpu(const RenderData& data, const SceneBvh& bvh,
                                            const std::vector<UnitRange>& ranges) {
  const RenderSettings& settings = data.settings[0];
  const CpuKernels kernels = cpu_kernels_x64();
  std::vector<FilmContribution> result;
  for (const UnitRange& range : ranges) {
    const SampleRange samples = samples_of(settings, range.first_pass, range.last_pass);
    const u64 pixels = pixel_count(tile_rect(settings, range.tile));
    FilmContribution contribution{range, std::vector<i64>(pixels * kFilmChannels, 0), 0};
    for (u64 path = pixels * samples.first; path < pixels * samples.last; path += kCpuBatchSize) {
      const u32 count = static_cast<u32>(std::min<u64>(kCpuBatchSize, pixels * samples.last - path));
      kernels.render_batch(view_of(data), bvh, {range.tile, count, path},
                           {contribution.sums.data(), &contribution.non_finite_samples});
    }
    result.push_back(std::move(contribution));
  }
  return result;
}

}  // namespace oct::simt
