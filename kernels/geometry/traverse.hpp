#pragma once
#include "geometry/walk_compact.hpp"
#if !defined(__CUDACC__)
#include "geometry/walk_wide.hpp"
#endif

// What the rest of the renderer asks of the scene's geometry. Which structure answers makes no difference to
// the answer: docs/decisions/0011-hit-definition.md.

namespace oct::inline OCT_ISA {

/// Runs a query over the compact trees, which have nodes of kWidth.
template <u32 kWidth = kCompactWidth, class Query>
OCT_HD void run_compact(const SceneBvh& bvh, const Ray& ray, Query& query) {
  CompactWalk<kWidth, true, Query> walk;
  typename StackOf<Query>::Entry entries[kCompactStackSize];
  const StackOf<Query> stack{entries, nullptr};
  walk.query = query;
  start_walk(walk, stack, bvh, ray);
  while (!is_done(walk)) {
    if (is_at_node(walk)) {
      visit_node(walk, stack, bvh);
    } else {
      visit_leaf(walk, stack, bvh, [&ray]() -> const Ray& { return ray; });
    }
  }
  query = walk.query;
}

#if !defined(__CUDACC__)
/// Runs a query over the wide trees: many of one.
template <class Query>
OCT_HD void run_wide(const SceneBvh& bvh, const Ray& ray, Query& query) {
  run_many<1, Query>(
      bvh, &ray, 1, [&query](const Ray&, u64) { return query; },
      [&query](u64, const Query& finished) { query = finished; });
}
#endif

/// Runs a query over the trees that this instruction set prefers.
template <class Query>
OCT_HD void run_query(const SceneBvh& bvh, const Ray& ray, Query& query) {
#if defined(__CUDACC__)
  run_compact(bvh, ray, query);
#else
  run_wide(bvh, ray, query);
#endif
}

/// The least hit of the ray; instance == kNone is a miss, with t = t_max.
OCT_HD Hit closest_hit(const SceneBvh& bvh, const Ray& ray) {
  ClosestQuery query = closest_query(ray);
  run_query(bvh, ray, query);
  return query.best;
}

/// Channels (bits 0 to 2) that surfaces on the ray block. `filter(const Hit&)` tells what one surface blocks;
/// it is asked in any order, maybe twice, and not after all three are blocked, so it must be a pure function
/// of the hit.
template <class Filter>
OCT_HD u32 occlusion(const SceneBvh& bvh, const Ray& ray, Filter&& filter) {
  OcclusionQuery<std::remove_reference_t<Filter>> query{&ray, &filter, 0};
  run_query(bvh, ray, query);
  return query.blocked & 7u;
}

#if !defined(__CUDACC__)
/// hits[i] = closest_hit(bvh, rays[i]), faster for many: several rays are in flight at a time.
OCT_HD void closest_hits(const SceneBvh& bvh, const Ray* rays, u64 count, Hit* hits) {
  run_many<kRaysInFlight, ClosestQuery>(
      bvh, rays, count, [](const Ray& ray, u64) { return closest_query(ray); },
      [hits](u64 index, const ClosestQuery& query) { hits[index] = query.best; });
}

/// masks[i] = occlusion(bvh, rays[i], ...), with filter(hit, i), faster for many.
template <class Filter>
OCT_HD void occlusions(const SceneBvh& bvh, const Ray* rays, u64 count, Filter&& filter, u32* masks) {
  run_many<kRaysInFlight, IndexedOcclusionQuery<std::remove_reference_t<Filter>>>(
      bvh, rays, count,
      [&filter](const Ray& ray, u64 index) {
        return IndexedOcclusionQuery<std::remove_reference_t<Filter>>{&ray, &filter, 0, index};
      },
      [masks](u64 index, const auto& query) { masks[index] = query.blocked & 7u; });
}
#endif

}  // namespace oct::inline OCT_ISA
