#pragma once
#include <vector>

#include "data/unit.hpp"
#include "geometry/bvh.hpp"
#include "launch/queue_work.hpp"
#include "render_data/render_data.hpp"
#include "simt/gpu_code.hpp"

namespace oct::simt {

/// Samples of one tile.
struct TileSamples {
  u32 tile;
  SampleRange samples;
};

struct TileSums {
  std::vector<i64> sums;  ///< pixels of the tile x kFilmChannels
  u64 non_finite = 0;
  friend bool operator==(const TileSums&, const TileSums&) = default;
};

/// What the GPU's code makes of tiles.
struct GpuFilm {
  std::vector<TileSums> tiles;  ///< in the order of the work
  u64 waits = 0;                ///< how often the host waited for the device
};

/// Renders these samples by the GPU's code, one tile's beginning as the former's end.
///   bvh  with the tree that GPUs walk
/// return  Fault when the code does what no GPU would allow
GpuFilm render_by_gpu_code(GpuCode& code, const RenderData& data, const SceneBvh& bvh,
                           const std::vector<TileSamples>& work, const QueueSizes& sizes);

/// The same by the CPU's kernels for every computer.
std::vector<TileSums> render_by_cpu(const RenderData& data, const SceneBvh& bvh,
                                    const std::vector<TileSamples>& work);

}  // namespace oct::simt
