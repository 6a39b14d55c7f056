#include "launch/cpu_batches.hpp"

#include "film/tile_sums.hpp"
#include "launch/block_order.hpp"
#include "launch/canary.hpp"
#include "launch/prefetch.hpp"
#include "path/trace_path.hpp"

namespace oct::inline OCT_ISA {
namespace {

/// The sums of one tile, seen from pixels of the picture.
class TileFilm {
 public:
  TileFilm(const RenderSettings& settings, u32 tile, CpuTileSums film)
      : settings_(settings), rect_(tile_rect(settings, tile)), film_(film) {}

  u32 width() const { return rect_.x1 - rect_.x0; }
  u32 height() const { return rect_.y1 - rect_.y0; }
  u32 pixel(u32 index) const { return pixel_of_tile(settings_, rect_, index); }

  void add(u32 pixel, u32 sample, Vec3 radiance, u32 scatterings) {
    const FixedContribution contribution = fixed_contribution(settings_, radiance, scatterings, sample);
    i64* const sums = tile_sums(settings_, rect_, film_.sums, pixel);
    for (u32 channel = 0; channel < kFilmChannels; ++channel) sums[channel] += contribution.sums[channel];
    *film_.non_finite += contribution.non_finite;
  }

 private:
  const RenderSettings& settings_;
  TileRect rect_;
  CpuTileSums film_;
};

/// Paths in flight, stage by stage: what one stage leaves is packed for the next.
struct Batch {
  u32 path_count = 0;
  u32 new_count = 0;  ///< of the paths, those that are at the camera; they come last
  u32 shadow_count = 0;
  PathState paths[kPathsInFlight];
  Ray rays[kPathsInFlight];  ///< of the paths, then of the shadow requests
  Hit hits[kPathsInFlight];
  ShadowRequest shadows[kPathsInFlight];
  u32 blocked[kPathsInFlight];  ///< channels of each shadow request
};

/// Starts the paths of a piece of work.
class PathSource {
 public:
  PathSource(const RenderDataView& view, const TileFilm& film, CpuBatch work)
      : view_(view),
        film_(film),
        work_(work),
        in_blocks_(come_in_blocks(work.first_path, work.path_count, film.width(), film.height())) {}

  /// Starts paths where others have ended.
  void refill(Batch& batch) {
    batch.new_count = new_paths(kPathsInFlight - batch.path_count, work_.path_count - next_);
    for (u32 i = 0; i < batch.new_count; ++i) batch.paths[batch.path_count++] = path(next_++);
  }

 private:
  PathState path(u32 index) const {
    const u64 pixel_count = u64{film_.width()} * film_.height();
    const u64 place = work_.first_path + index;
    const u64 path = in_blocks_ ? in_blocks(place, film_.width()) : place;
    const u32 pixel = film_.pixel(static_cast<u32>(path % pixel_count));
    return generate_path(view_, pixel, static_cast<u32>(path / pixel_count));
  }

  const RenderDataView& view_;
  const TileFilm& film_;
  CpuBatch work_;
  bool in_blocks_;
  u32 next_ = 0;
};

/// Finds what each path hits next. Rays of a camera go much the same way.
void trace_paths(const RenderDataView& view, const SceneBvh& bvh, Batch& batch) {
  const u32 old_count = batch.path_count - batch.new_count;
  for (u32 i = 0; i < batch.path_count; ++i) batch.rays[i] = next_ray(batch.paths[i]);
  closest_hits(bvh, batch.rays, old_count, batch.hits);
  coherent_hits(bvh, batch.rays + old_count, batch.new_count, batch.hits + old_count);
  for (u32 i = 0; i < batch.path_count; ++i) prefetch_triangle(view, batch.hits[i]);
}

/// Hits looked at ahead of the one being shaded.
constexpr u32 kPrefetchDistance = 3;

/// Shades all hits; keeps the paths that go on, and the shadow rays to trace.
void shade_paths(const RenderDataView& view, TileFilm& film, Batch& batch) {
  u32 kept = 0;
  batch.shadow_count = 0;
  for (u32 i = 0; i < batch.path_count; ++i) {
    if (i + kPrefetchDistance < batch.path_count) prefetch_corners(view, batch.hits[i + kPrefetchDistance]);
    PathState state = batch.paths[i];
    const u32 depth = state.depth;
    const ShadedPath shaded = shade_path(view, batch.hits[i], state);
    if (!is_black(shaded.emitted)) film.add(state.pixel, state.sample, shaded.emitted, depth);
    if (shaded.has_shadow_ray) batch.shadows[batch.shadow_count++] = shaded.shadow;
    if (shaded.goes_on) batch.paths[kept++] = state;
  }
  batch.path_count = kept;
}

void trace_shadows(const RenderDataView& view, const SceneBvh& bvh, TileFilm& film, Batch& batch) {
  for (u32 i = 0; i < batch.shadow_count; ++i) batch.rays[i] = batch.shadows[i].ray;
  const auto filter = [&](const Hit& hit, u64 index) {
    return shadow_filter(view, batch.shadows[index])(hit);
  };
  occlusions(bvh, batch.rays, batch.shadow_count, filter, batch.blocked);
  for (u32 i = 0; i < batch.shadow_count; ++i) {
    const ShadowRequest& request = batch.shadows[i];
    const Vec3 radiance = resolve_shadow(request, batch.blocked[i]);
    if (!is_black(radiance)) film.add(request.pixel, request.sample, radiance, request.depth + 1);
  }
}

void render_batch(const RenderDataView& view, const SceneBvh& bvh, CpuBatch work, CpuTileSums sums) {
  TileFilm film(view.settings[0], work.tile, sums);
  PathSource source(view, film, work);
  Batch batch;
  for (source.refill(batch); batch.path_count > 0; source.refill(batch)) {
    trace_paths(view, bvh, batch);
    shade_paths(view, film, batch);
    trace_shadows(view, bvh, film, batch);
  }
}

void trace_rays(const SceneBvh& bvh, const Ray* rays, Hit* hits, u64 count) {
  closest_hits(bvh, rays, count, hits);
}

void canary_maths(const u32* inputs, u32* results) {
  const CanaryMaths maths{inputs, results};
  for (u32 i = 0; i < kCanaryInputs; ++i) maths(i);
}

}  // namespace
}  // namespace oct::inline OCT_ISA

namespace oct {

#define OCT_KERNELS_OF_INNER(isa) cpu_kernels_##isa
#define OCT_KERNELS_OF(isa) OCT_KERNELS_OF_INNER(isa)

CpuKernels OCT_KERNELS_OF(OCT_ISA)() {
  return {&render_batch, &trace_rays, &canary_maths};
}

}  // namespace oct
