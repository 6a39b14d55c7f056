#pragma once
#include "geometry/traverse.hpp"
#include "trace_loops.hpp"

namespace oct::bench::OCT_ISA {

static void closest(const SceneBvh& bvh, const RayBatches& batches, Hit* hits) {
  for (std::size_t i = 0; i < batches.rays.size(); ++i) hits[i] = closest_hit(bvh, batches.rays[i]);
}

static void closest_batches(const SceneBvh& bvh, const RayBatches& batches, Hit* hits) {
  u64 first = 0;
  for (const u64 end : batches.ends) {
    closest_hits(bvh, batches.rays.data() + first, end - first, hits + first);
    first = end;
  }
}

static void coherent_batches(const SceneBvh& bvh, const RayBatches& batches, Hit* hits) {
  u64 first = 0;
  for (const u64 end : batches.ends) {
    coherent_hits(bvh, batches.rays.data() + first, end - first, hits + first);
    first = end;
  }
}

struct AllBlocked {
  u32 operator()(const Hit&) const { return 7; }
};

static void occluded(const SceneBvh& bvh, const RayBatches& batches, u32* masks) {
  for (std::size_t i = 0; i < batches.rays.size(); ++i)
    masks[i] = occlusion(bvh, batches.rays[i], AllBlocked{});
}

static void occluded_batches(const SceneBvh& bvh, const RayBatches& batches, u32* masks) {
  u64 first = 0;
  for (const u64 end : batches.ends) {
    occlusions(
        bvh, batches.rays.data() + first, end - first, [](const Hit&, u64) { return 7u; }, masks + first);
    first = end;
  }
}

constexpr TraceLoops kLoops{closest, closest_batches, coherent_batches, occluded, occluded_batches};

}  // namespace oct::bench::OCT_ISA
