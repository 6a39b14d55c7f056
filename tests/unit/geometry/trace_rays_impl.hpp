#pragma once
// The body of trace_rays_x64.cpp and trace_rays_v3.cpp.
#include "geometry/traverse.hpp"
#include "launch/ray_stream.hpp"
#include "trace_rays.hpp"

#define OCT_TEXT(x) #x
#define OCT_TEXT_OF(x) OCT_TEXT(x)
#define OCT_ISA_NAME OCT_TEXT_OF(OCT_ISA)

namespace oct::test::OCT_ISA {

static void closest_wide(const SceneBvh& bvh, const Ray* rays, std::size_t count, Hit* hits) {
  for (std::size_t i = 0; i < count; ++i) {
    ClosestQuery query = closest_query(rays[i]);
    run_wide(bvh, rays[i], query);
    hits[i] = query.best;
  }
}

static void closest_many(const SceneBvh& bvh, const Ray* rays, std::size_t count, Hit* hits) {
  closest_hits(bvh, rays, count, hits);
}

static void closest_coherent(const SceneBvh& bvh, const Ray* rays, std::size_t count, Hit* hits) {
  coherent_hits(bvh, rays, count, hits);
}

template <u32 kWidth>
static void closest_compact(const SceneBvh& bvh, const Ray* rays, std::size_t count, Hit* hits) {
  for (std::size_t i = 0; i < count; ++i) {
    ClosestQuery query = closest_query(rays[i]);
    run_compact<kWidth>(bvh, rays[i], query);
    hits[i] = query.best;
  }
}

struct MaskFilter {
  u32 operator()(const Hit& hit) const { return blocked_by(hit); }
};

static void occlusion_wide(const SceneBvh& bvh, const Ray* rays, std::size_t count, u32* masks) {
  MaskFilter filter;
  for (std::size_t i = 0; i < count; ++i) {
    OcclusionQuery<MaskFilter> query{&rays[i], &filter, 0};
    run_wide(bvh, rays[i], query);
    masks[i] = query.blocked;
  }
}

static void occlusion_many(const SceneBvh& bvh, const Ray* rays, std::size_t count, u32* masks) {
  occlusions(
      bvh, rays, count, [](const Hit& hit, u64) { return blocked_by(hit); }, masks);
}

template <u32 kWidth>
static void occlusion_compact(const SceneBvh& bvh, const Ray* rays, std::size_t count, u32* masks) {
  MaskFilter filter;
  for (std::size_t i = 0; i < count; ++i) {
    OcclusionQuery<MaskFilter> query{&rays[i], &filter, 0};
    run_compact<kWidth>(bvh, rays[i], query);
    masks[i] = query.blocked;
  }
}

/// As GPUs trace them: a warp, here of one lane, that takes rays from a queue.
template <bool kHasInstances>
struct ClosestWork {
  static constexpr bool kInstances = kHasInstances;
  using Query = StreamedClosest<ClosestWork>;
  const SceneBvh* structure;
  const Ray* rays;
  Hit* hits;

  const SceneBvh& bvh() const { return *structure; }
  const Ray& ray(u32 index) const { return rays[index]; }
  bool accepts(u32 index, const HitKey& key) const { return counts(rays[index], key); }
  void finish(const Query& query) const { hits[query.index] = query.best; }
};

template <bool kHasInstances>
struct OcclusionWork {
  static constexpr bool kInstances = kHasInstances;
  using Query = StreamedOcclusion<OcclusionWork>;
  const SceneBvh* structure;
  const Ray* rays;
  u32* masks;

  const SceneBvh& bvh() const { return *structure; }
  const Ray& ray(u32 index) const { return rays[index]; }
  float limit(u32 index) const { return rays[index].t_max; }
  bool accepts(u32 index, const HitKey& key) const { return counts(rays[index], key); }
  u32 blocked(u32, const Hit& hit) const { return blocked_by(hit); }
  void finish(const Query& query) const { masks[query.index] = query.blocked; }
};

template <u32 kWidth, u32 kNearby, template <bool> class Work, class Result>
static void trace_part(const SceneBvh& bvh, const Ray* rays, std::size_t count, Result* results) {
  u32 next = 0;
  typename StackOf<typename Work<false>::Query>::Entry nearby[(kNearby + 1) * kTracingThreads];
  if (bvh.instance_count == 0) {
    trace_stream<kWidth, kNearby>(Work<false>{&bvh, rays, results}, static_cast<u32>(count), &next, nearby);
  } else {
    trace_stream<kWidth, kNearby>(Work<true>{&bvh, rays, results}, static_cast<u32>(count), &next, nearby);
  }
}

/// Half of the rays with a stack in two memories.
template <u32 kWidth, template <bool> class Work, class Result>
static void trace_queue(const SceneBvh& bvh, const Ray* rays, std::size_t count, Result* results) {
  const std::size_t half = count / 2;
  trace_part<kWidth, 0, Work>(bvh, rays, half, results);
  trace_part<kWidth, 6, Work>(bvh, rays + half, count - half, results + half);
}

template <u32 kWidth>
constexpr Tracer kCompactTracer{{closest_compact<kWidth>, trace_queue<kWidth, ClosestWork, Hit>},
                                {occlusion_compact<kWidth>, trace_queue<kWidth, OcclusionWork, u32>}};

constexpr Tracers kTracers{{{closest_wide, closest_many}, {occlusion_wide, occlusion_many}},
                           closest_coherent,
                           {kCompactTracer<2>, kCompactTracer<4>}};

}  // namespace oct::test::OCT_ISA
