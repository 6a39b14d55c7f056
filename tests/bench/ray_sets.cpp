#include "ray_sets.hpp"

#include "film/tile_sums.hpp"
#include "geometry/traverse.hpp"
#include "launch/block_order.hpp"
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

/// The rays of a render as cpu_batches traces them.
struct Recorder {
  const RenderDataView& view;
  const SceneBvh& bvh;
  RaySet camera{"camera", {}, {}}, bounce{"bounce", {}, {}}, shadow{"shadow", {}, {}};

  /// One stage of the paths in flight, of which the last `new_count` are at the camera.
  std::vector<PathState> follow(std::vector<PathState> paths, u32 new_count) {
    std::vector<PathState> next;
    for (std::size_t i = 0; i < paths.size(); ++i) {
      RaySet& closest = i + new_count < paths.size() ? bounce : camera;
      closest.rays.push_back(next_ray(paths[i]));
      const ShadedPath shaded = shade_path(view, closest_hit(bvh, closest.rays.back()), paths[i]);
      if (shaded.has_shadow_ray) shadow.rays.push_back(shaded.shadow.ray);
      if (shaded.goes_on) next.push_back(paths[i]);
    }
    for (RaySet* set : {&camera, &bounce, &shadow}) end_batch(*set);
    return next;
  }

  /// The paths of one call of render_batch: the first ones of a tile.
  void record(TileRect rect) {
    const u32 width = rect.x1 - rect.x0;
    const bool ordered = come_in_blocks(0, kCpuBatchSize, width, rect.y1 - rect.y0);
    std::vector<PathState> paths;
    u32 next = 0;
    do {
      const u32 count = new_paths(kPathsInFlight - static_cast<u32>(paths.size()), kCpuBatchSize - next);
      for (u32 i = 0; i < count; ++i, ++next) {
        const u32 path = ordered ? static_cast<u32>(in_blocks(next, width)) : next;
        const u32 pixel = pixel_of_tile(view.settings[0], rect, path % pixel_count(rect));
        paths.push_back(generate_path(view, pixel, path / pixel_count(rect)));
      }
      paths = follow(std::move(paths), count);
    } while (!paths.empty() || next < kCpuBatchSize);
  }
};

}  // namespace

std::vector<RaySet> rendered_rays(const RenderData& data, const SceneBvh& bvh, u64 count) {
  constexpr u32 kStride = 37;  // tiles between batches: prime to most tile counts
  const RenderDataView view = view_of(data);
  const RenderSettings& settings = data.settings[0];
  Recorder recorder{view, bvh};
  const u32 tiles = tile_count(settings);
  for (u32 batch = 0; recorder.bounce.rays.size() < count && batch < tiles; ++batch)
    recorder.record(tile_rect(settings, static_cast<u32>(u64{batch} * kStride % tiles)));
  return {std::move(recorder.camera), std::move(recorder.bounce), std::move(recorder.shadow)};
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
  for (u64 end = kPathsInFlight; end < count; end += kPathsInFlight) set.batch_ends.push_back(end);
  end_batch(set);
  return set;
}

}  // namespace oct::bench
