#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "geometry/bvh.hpp"
#include "render_data/render_data.hpp"

namespace oct::bench {

/// Rays of one kind in the order in which a CPU traces them, and where each call to the tracer ends.
struct RaySet {
  std::string name;
  std::vector<Ray> rays;
  std::vector<u64> batch_ends;
};

/// The rays of a render: "camera", "bounce" (all later closest-hit rays) and "shadow". Paths begin in tiles
/// spread over the picture, one batch of the CPU's driver at a time, until there are `count` bounces.
std::vector<RaySet> rendered_rays(const RenderData& data, const SceneBvh& bvh, u64 count);

/// "random": origins anywhere in the bounds of the scene, all directions.
RaySet random_rays(const RenderData& data, u64 count);

/// As little-endian files, so that a tracer elsewhere can have the same rays.
Result<void> write_ray_sets(const std::string& path, const std::vector<RaySet>& sets);
Result<std::vector<RaySet>> read_ray_sets(const std::string& path);

}  // namespace oct::bench
