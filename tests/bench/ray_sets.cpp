#include "ray_sets.hpp"

#include "film/tile_sums.hpp"
#include "geometry/traverse.hpp"
#include "launch/cpu_batches.hpp"
#include "path/stages.hpp"
#include "unit/geometry/random_scenes.hpp"

namespace oct::bench {
namespace {

void end_batch(RaySet& set) {
  if (!set.rays.empty() && (set.batch_ends.empty() || set.batch_ends.back() != set.rays.size())) {
    set.batch_ends.push_back(set.rays.size());
  }
}

/// Follows one batch of paths as cpu_batches does, and writes down what it traces.
void record_batch(const RenderDataView& view, const SceneBvh& bvh, std::vector<PathState> paths,
                  RaySet& camera, RaySet& bounce, RaySet& shadow) {
  for (RaySet* closest = &camera; !paths.empty(); closest = &bounce) {
    std::vector<PathState> next;
    for (PathState& state : paths) {
      closest->rays.push_back(next_ray(state));
      const ShadedPath shaded = shade_path(view, closest_hit(bvh, closest->rays.back()), state);
      if (shaded.has_shadow_ray) shadow.rays.push_back(shaded.shadow.ray);
      if (shaded.goes_on) next.push_back(state);
    }
    end_batch(*closest);
    end_batch(shadow);
    paths = std::move(next);
  }
}

}  // namespace

std::vector<RaySet> rendered_rays(const RenderData& data, const SceneBvh& bvh, u64 count) {
  constexpr u32 kStride = 37;  // tiles between batches: prime to most tile counts
  const RenderDataView view = view_of(data);
  const RenderSettings& settings = data.settings[0];
  RaySet camera{"camera", {}, {}}, bounce{"bounce", {}, {}}, shadow{"shadow", {}, {}};
  const u32 tiles = tile_count(settings);
  for (u32 batch = 0; bounce.rays.size() < count && batch < 64 * tiles; ++batch) {
    const TileRect rect = tile_rect(settings, static_cast<u32>(u64{batch} * kStride % tiles));
    std::vector<PathState> paths;
    for (u32 i = 0; i < kCpuBatchSize; ++i) {
      const u32 in_tile = i % pixel_count(rect);
      const u32 sample = batch / tiles * kCpuBatchSize + i / pixel_count(rect);
      paths.push_back(generate_path(view, pixel_of_tile(settings, rect, in_tile), sample));
    }
    record_batch(view, bvh, std::move(paths), camera, bounce, shadow);
  }
  return {std::move(camera), std::move(bounce), std::move(shadow)};
}

RaySet random_rays(const RenderData& data, u64 count) {
  Bounds3 bounds = empty_bounds();
  for (const Instance& instance : data.instances) {
    const Mesh& mesh = data.meshes[instance.mesh];
    for (u32 i = 0; i < mesh.vertex_count; ++i) {
      const Vec3 p = transform_point(instance.world_from_object, data.positions[mesh.first_vertex + i]);
      bounds = merged(bounds, {p, p});
    }
  }
  test::Random random{2};
  RaySet set{"random", std::vector<Ray>(count), {}};
  for (Ray& ray : set.rays) {
    ray = {};
    ray.origin = bounds.lo + random.point(0, 1) * (bounds.hi - bounds.lo);
    do ray.direction = random.point(-1, 1);
    while (length_squared(ray.direction) > 1.0f);
    ray.t_max = kInfinity;
    ray.after = {-1, 0, 0};
    ray.exclude_instance = ray.exclude_primitive = kNone;
  }
  for (u64 end = kCpuBatchSize; end < count; end += kCpuBatchSize) set.batch_ends.push_back(end);
  end_batch(set);
  return set;
}

}  // namespace oct::bench
