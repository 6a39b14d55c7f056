#pragma once
#include "data/render_data.hpp"
#include "data/unit.hpp"
#include "geometry/bvh.hpp"

// The CPU's driver of the stages. It is compiled once per instruction set; the device picks one at run time.
// All of them give the same bits.

namespace oct {

/// Paths in flight together. Enough to hide latency, few enough to stay in a core's cache.
inline constexpr u32 kPathsInFlight = 256;
/// Paths that one call renders, at most: new ones take the places of those that end, and only the last are fewer than
/// those in flight. Few enough to look at a stop request every ten milliseconds or so.
inline constexpr u32 kCpuBatchSize = 2048;

/// Paths [first_path, first_path + path_count) of a tile, path_count <= kCpuBatchSize. With n pixels in the
/// tile, path i is sample i / n of its pixel i % n, counted in rows from the top left.
struct CpuBatch {
  u32 tile;
  u32 path_count;
  u64 first_path;
};

/// Where the contributions go.
struct CpuTileSums {
  i64* sums;        ///< pixel_count(tile) x kFilmChannels, added to
  u64* non_finite;  ///< contributions that were not finite, added to
};

/// The entry points of one instruction set. Any thread in float mode; nothing is kept between calls.
struct CpuKernels {
  void (*render_batch)(const RenderDataView& view, const SceneBvh& bvh, CpuBatch batch, CpuTileSums film);
  /// First hits of rays.
  void (*trace_rays)(const SceneBvh& bvh, const Ray* rays, Hit* hits, u64 count);
  /// The fixed arithmetic of launch/canary.hpp: kCanaryInputs in, kCanaryInputs x kCanaryFunctions out.
  void (*canary_maths)(const u32* inputs, u32* results);
};

CpuKernels cpu_kernels_x64();
CpuKernels cpu_kernels_v3();  ///< needs AVX2, FMA, BMI2: x86-64-v3

}  // namespace oct
