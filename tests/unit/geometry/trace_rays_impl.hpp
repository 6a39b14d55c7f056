#pragma once
// The body of trace_rays_x64.cpp and trace_rays_v3.cpp.
#include "geometry/traverse.hpp"
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

static void closest_compact(const SceneBvh& bvh, const Ray* rays, std::size_t count, Hit* hits) {
  for (std::size_t i = 0; i < count; ++i) {
    ClosestQuery query = closest_query(rays[i]);
    run_compact(bvh, rays[i], query);
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

static void occlusion_compact(const SceneBvh& bvh, const Ray* rays, std::size_t count, u32* masks) {
  MaskFilter filter;
  for (std::size_t i = 0; i < count; ++i) {
    OcclusionQuery<MaskFilter> query{&rays[i], &filter, 0};
    run_compact(bvh, rays[i], query);
    masks[i] = query.blocked;
  }
}

}  // namespace oct::test::OCT_ISA
