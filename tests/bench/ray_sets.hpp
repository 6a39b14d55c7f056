#pragma once
#include "bench/ray_file.hpp"
#include "geometry/bvh.hpp"
#include "render_data/render_data.hpp"

namespace oct::bench {

/// The rays of a render: "camera", "bounce" (all later closest-hit rays) and "shadow". Paths begin in tiles
/// spread over the picture, one batch of the CPU's driver at a time, until there are `count` bounces.
std::vector<RaySet> rendered_rays(const RenderData& data, const SceneBvh& bvh, u64 count);

/// "random": origins anywhere in the bounds of the scene, all directions.
RaySet random_rays(const RenderData& data, u64 count);

}  // namespace oct::bench
