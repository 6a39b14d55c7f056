#pragma once
#include <span>

#include "geometry/bvh.hpp"

// The loops that are timed, one copy an instruction set. Files behind these functions include kernels alone.

namespace oct::bench {

/// Rays and where each batch of them ends.
struct RayBatches {
  std::span<const Ray> rays;
  std::span<const u64> ends;
};

/// Closest hits, or masks of channels that anything blocks, of all rays in `batches`: one ray after the other, or
/// as the renderer does it, a batch at a time.
struct TraceLoops {
  void (*closest)(const SceneBvh& bvh, const RayBatches& batches, Hit* hits);
  void (*closest_batches)(const SceneBvh& bvh, const RayBatches& batches, Hit* hits);
  /// The same for rays that go much the same way.
  void (*coherent_batches)(const SceneBvh& bvh, const RayBatches& batches, Hit* hits);
  void (*occluded)(const SceneBvh& bvh, const RayBatches& batches, u32* masks);
  void (*occluded_batches)(const SceneBvh& bvh, const RayBatches& batches, u32* masks);
};

extern const TraceLoops kLoopsX64;
extern const TraceLoops kLoopsV3;

}  // namespace oct::bench
