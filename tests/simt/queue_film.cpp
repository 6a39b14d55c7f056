#include "simt/queue_film.hpp"

#include <algorithm>

#include "device/unit_stream.hpp"
#include "launch/cpu_batches.hpp"
#include "shade/alpha.hpp"
#include "simt/fault.hpp"
#include "simt/simt_executor.hpp"
#include "support/host_queues.hpp"

namespace oct::simt {
namespace {

constexpr u32 kRoundsAhead = 4;

/// As the GPU's device tells its kernels.
bool all_block(const RenderData& data) {
  return std::all_of(data.materials.begin(), data.materials.end(), &always_blocks);
}

}  // namespace

GpuFilm render_by_gpu_code(GpuCode& code, const RenderData& data, const SceneBvh& bvh,
                           const std::vector<TileSamples>& work, const QueueSizes& sizes) {
  SimtExecutor executor(code);
  test::HostQueues<SimtExecutor> machine(executor, {view_of(data), bvh, all_block(data)}, sizes);
  UnitStream stream(machine, data.settings[0], RoundsAhead(kRoundsAhead));
  GpuFilm film;
  film.tiles.resize(work.size());
  const auto take = [&](const FinishedUnit& unit) {
    film.tiles.at(unit.ticket) = {{unit.sums.begin(), unit.sums.end()}, unit.non_finite};
  };
  bool goes_on = static_cast<bool>(stream.clear());
  for (std::size_t next = 0; goes_on && (next < work.size() || !stream.is_empty());) {
    for (; next < work.size() && stream.is_hungry(); ++next)
      stream.add(work[next].tile, work[next].samples, next);
    goes_on = static_cast<bool>(stream.advance(take));
  }
  if (!goes_on) throw Fault("the driver of the queues gave up");
  film.waits = stream.batch_count();
  return film;
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
