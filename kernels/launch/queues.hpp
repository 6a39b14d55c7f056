#pragma once
#include "film/tile_sums.hpp"
#include "launch/atomics.hpp"
#include "launch/queue_work.hpp"
#include "launch/ray_stream.hpp"
#include "path/trace_path.hpp"

// The stages as kernels over queues (Laine, Karras and Aila 2013, "Megakernels considered harmful"): each
// kernel is a named functor, run once per index by an executor, in any order and at the same time. The film
// sums are integers, so the order in which a queue fills does not show.

namespace oct::inline OCT_ISA {

/// Paths waiting for their next ray, and the unit that each belongs to.
struct PathQueue {
  PathColumns states;
  u32* units;
};

/// Shadow rays waiting to be traced, and the unit that each belongs to.
struct ShadowQueue {
  ShadowRequest* requests;
  u32* units;
};

struct QueueCounts {
  u32 paths;            ///< that go on, in `next`
  u32 shadows;          ///< in `shadows`
  u32 fetched_paths;    ///< of `current`, by those who trace them
  u32 fetched_shadows;  ///< of `shadows`
};

/// Everything that a kernel of one round reads and writes. Each queue holds `capacity` entries.
struct QueueRound {
  QueueGroup group;
  PathQueue current, next;
  Hit* hits;  ///< of `current`
  ShadowQueue shadows;
  QueueCounts* counts;
};

/// The unit that path `number` of a group belongs to: the last one that begins at or before it.
OCT_HD u32 unit_of_path(const QueueGroup& group, u64 number) {
  u32 low = 0;
  u32 high = group.unit_count;
  while (high - low > 1) {
    const u32 middle = low + (high - low) / 2;
    if (group.units[middle].first_path <= number) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

/// Adds a contribution to the sums of its unit.
OCT_HD void add_to_unit(const QueueGroup& group, u32 unit_index, u32 pixel, u32 sample, Vec3 radiance,
                        u32 scatterings) {
  const RenderSettings& settings = group.scene.settings[0];
  const QueueUnit& unit = group.units[unit_index];
  const FixedContribution contribution = fixed_contribution(settings, radiance, scatterings, sample);
  const TileRect rect = tile_rect(settings, unit.tile);
  i64* const sums = tile_sums(settings, rect, group.sums + unit.first_sum, pixel);
  for (u32 channel = 0; channel < kFilmChannels; ++channel) {
    if (contribution.sums[channel] != 0) atomic_add(sums + channel, contribution.sums[channel]);
  }
  if (contribution.non_finite != 0) atomic_add(group.non_finite + unit_index, u64{1});
}

/// Appends paths first_path, first_path + 1, ... of the group to the current queue, from first_slot on.
struct GeneratePaths {
  QueueRound round;
  u64 first_path;
  u32 first_slot;

  OCT_HD void operator()(u32 index) const {
    const QueueGroup& group = round.group;
    const u64 number = first_path + index;
    const u32 unit_index = unit_of_path(group, number);
    const QueueUnit& unit = group.units[unit_index];
    const RenderSettings& settings = group.scene.settings[0];
    const TileRect rect = tile_rect(settings, unit.tile);
    const u32 pixels = pixel_count(rect);
    const u32 in_tile = static_cast<u32>((number - unit.first_path) % pixels);
    const u32 sample = unit.samples.first + static_cast<u32>((number - unit.first_path) / pixels);
    const u32 pixel = pixel_of_tile(settings, rect, in_tile);
    store_path(round.current.states, first_slot + index, generate_path(group.scene, pixel, sample));
    round.current.units[first_slot + index] = unit_index;
  }
};

/// The rays of the current paths, for trace_stream. Whether light goes straight through at a hit is asked when it is
/// shaded.
template <bool kHasInstances>
struct TracePaths {
  static constexpr bool kInstances = kHasInstances;
  using Query = StreamedClosest<TracePaths>;
  QueueRound round;

  OCT_HD const SceneBvh& bvh() const { return round.group.bvh; }
  OCT_HD Ray ray(u32 index) const { return next_ray(load_path(round.current.states, index)); }
  OCT_HD void finish(const Query& query) const { round.hits[query.index] = query.best; }
};

/// Shades the hits; what goes on is appended to the next queue, light samples to the shadow queue.
struct ShadePaths {
  QueueRound round;

  OCT_HD void operator()(u32 index) const {
    const QueueGroup& group = round.group;
    const u32 unit = round.current.units[index];
    PathState state = load_path(round.current.states, index);
    const u32 depth = state.depth;
    const ShadedPath shaded = shade_path(group.scene, round.hits[index], state);
    if (!is_black(shaded.emitted)) add_to_unit(group, unit, state.pixel, state.sample, shaded.emitted, depth);
    if (shaded.has_shadow_ray) {
      const u32 slot = atomic_add(&round.counts->shadows, 1u);
      round.shadows.requests[slot] = shaded.shadow;
      round.shadows.units[slot] = unit;
    }
    if (shaded.goes_on) {
      const u32 slot = atomic_add(&round.counts->paths, 1u);
      store_path(round.next.states, slot, state);
      round.next.units[slot] = unit;
    }
  }
};

/// The shadow rays, for trace_stream.
///   kFilters  whether some material lets light straight through (QueueGroup::all_block)
template <bool kHasInstances, bool kFilters>
struct TraceShadows {
  static constexpr bool kInstances = kHasInstances;
  using Query = StreamedOcclusion<TraceShadows>;
  QueueRound round;

  OCT_HD const SceneBvh& bvh() const { return round.group.bvh; }
  OCT_HD Ray ray(u32 index) const { return round.shadows.requests[index].ray; }
  OCT_HD u32 blocked(u32 index, const Hit& hit) const {
    if constexpr (!kFilters) return 7u;
    return shadow_filter(round.group.scene, round.shadows.requests[index])(hit);
  }
  OCT_HD void finish(const Query& query) const {
    const u32 blocked = query.blocked & 7u;
    if (blocked == 7u) return;
    const ShadowRequest& request = round.shadows.requests[query.index];
    const Vec3 radiance = resolve_shadow(request, blocked);
    if (is_black(radiance)) return;
    add_to_unit(round.group, round.shadows.units[query.index], request.pixel, request.sample, radiance,
                request.depth + 1);
  }
};

}  // namespace oct::inline OCT_ISA
