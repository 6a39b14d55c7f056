#pragma once
#include "geometry/traverse.hpp"
#include "trace_closest.hpp"

namespace oct::bench::OCT_ISA {

static void closest(const SceneBvh& bvh, const Ray* rays, std::size_t count, Hit* hits) {
  for (std::size_t i = 0; i < count; ++i) hits[i] = closest_hit(bvh, rays[i]);
}

static void batch(const SceneBvh& bvh, const Ray* rays, std::size_t count, Hit* hits) {
  closest_hits(bvh, rays, count, hits);
}

static void closest_compact(const SceneBvh& bvh, const Ray* rays, std::size_t count, Hit* hits) {
  for (std::size_t i = 0; i < count; ++i) {
    ClosestQuery query = closest_query(rays[i]);
    run_compact(bvh, rays[i], query);
    hits[i] = query.best;
  }
}

struct AllBlocked {
  u32 operator()(const Hit&) const { return 7; }
};

static void occluded(const SceneBvh& bvh, const Ray* rays, std::size_t count, u32* masks) {
  for (std::size_t i = 0; i < count; ++i) masks[i] = occlusion(bvh, rays[i], AllBlocked{});
}

static void occluded_batch(const SceneBvh& bvh, const Ray* rays, std::size_t count, u32* masks) {
  occlusions(
      bvh, rays, count, [](const Hit&, u64) { return 7u; }, masks);
}

constexpr TraceLoops kLoops{closest, batch, closest_compact, occluded, occluded_batch};

}  // namespace oct::bench::OCT_ISA
