#pragma once
#include "geometry/walk_compact.hpp"
#if !defined(__CUDACC__)
#include "geometry/walk_wide.hpp"
#endif
#if defined(__AVX2__)
#include "geometry/walk_packet.hpp"
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
/// Runs the query make(ray, index) for each ray and hands it to finish(index, query), in any order.
template <class Make, class Finish>
OCT_HD void run_queries(const SceneBvh& bvh, const Ray* rays, u64 count, Make&& make, Finish&& finish) {
#if defined(__AVX2__)
  using Query = decltype(make(rays[0], u64{0}));
  RayStream<Query, Make, Finish>(bvh, rays, count, make, finish).run();
#else
  for (u64 i = 0; i < count; ++i) {
    auto query = make(rays[i], i);
    run_wide(bvh, rays[i], query);
    finish(i, query);
  }
#endif
}

/// hits[i] = closest_hit(bvh, rays[i]), faster for many.
OCT_HD void closest_hits(const SceneBvh& bvh, const Ray* rays, u64 count, Hit* hits) {
  run_queries(
      bvh, rays, count, [](const Ray& ray, u64) { return closest_query(ray); },
      [hits](u64 index, const ClosestQuery& query) { hits[index] = query.best; });
}

#if defined(__AVX2__)
/// closest_hits of those rays whose indices are given, where hits[i] may hold one already.
OCT_HD void hits_alone(const SceneBvh& bvh, const Ray* rays, const u32* indices, u32 count, Hit* hits) {
  constexpr u32 kMost = 64;
  for (u32 first = 0; first < count; first += kMost) {
    const u32 part = count - first < kMost ? count - first : kMost;
    Ray copies[kMost];
    for (u32 i = 0; i < part; ++i) copies[i] = rays[indices[first + i]];
    run_queries(
        bvh, copies, part,
        [&](const Ray& ray, u64 i) {
          return ClosestQuery{&ray, hits[indices[first + i]]};
        },
        [&](u64 i, const ClosestQuery& query) { hits[indices[first + i]] = query.best; });
  }
}
#endif

/// The same for rays of which neighbours go much the same way, like those of a camera: sixteen by sixteen, from the
/// first on.
OCT_HD void coherent_hits(const SceneBvh& bvh, const Ray* rays, u64 count, Hit* hits) {
#if defined(__AVX2__)
  if (bvh.wide_root <= kRefIndexMask) {
    constexpr u32 kMost = 1024;
    for (u64 first = 0; first < count; first += kMost) {
      u32 alone[kMost];
      const u64 part = count - first < kMost ? count - first : kMost;
      const u32 alone_count = PacketStream(bvh, rays + first, part, hits + first, alone).run();
      hits_alone(bvh, rays + first, alone, alone_count, hits + first);
    }
    return;
  }
#endif
  closest_hits(bvh, rays, count, hits);
}

/// masks[i] = occlusion(bvh, rays[i], ...), with filter(hit, i), faster for many.
template <class Filter>
OCT_HD void occlusions(const SceneBvh& bvh, const Ray* rays, u64 count, Filter&& filter, u32* masks) {
  using Query = IndexedOcclusionQuery<std::remove_reference_t<Filter>>;
  run_queries(
      bvh, rays, count,
      [&filter](const Ray& ray, u64 index) {
        return Query{&ray, &filter, 0, index};
      },
      [masks](u64 index, const Query& query) { masks[index] = query.blocked & 7u; });
}
#endif

}  // namespace oct::inline OCT_ISA
