#pragma once
#include "film/accumulator.hpp"
#include "launch/atomics.hpp"
#include "launch/queue_columns.hpp"
#include "launch/queue_work.hpp"
#include "launch/ray_stream.hpp"
#include "path/trace_path.hpp"

// The stages as kernels over queues (Laine, Karras and Aila 2013, "Megakernels considered harmful"): each
// kernel is a named functor, run once per index by an executor, in any order and at the same time. The film
// sums are integers, so the order in which a queue fills does not show. How many indices count is known on the
// device alone: kernels are started for the most there can be, and those beyond return at once.

namespace oct::inline OCT_ISA {

/// Everything that the kernels of one round read and write.
struct QueueRound {
  QueueScene scene;
  PathColumns current, next;
  HitColumns hits;  ///< of `current`
  ShadowColumns shadows;
  i64* sums;
  QueueUnit* units;
  u32* finished;
  QueueControl* control;
  u64 number;
  u32 unit_mask;  ///< of numbers of units, for their index in the ring

  OCT_HD RoundRecord& record(u64 round) const { return control->rounds[round % QueueControl::kRounds]; }
  /// Of this round.
  OCT_HD RoundRecord& now() const { return record(number); }
};

/// The unit, of those from `first` on and before `end`, that a path belongs to: the last one that begins at or before
/// it. By their numbers.
OCT_HD u64 unit_of_path(const QueueRound& round, u64 first, u64 end, u64 path) {
  while (end - first > 1) {
    const u64 middle = first + (end - first) / 2;
    if (round.units[middle & round.unit_mask].first_path <= path) {
      first = middle;
    } else {
      end = middle;
    }
  }
  return first;
}

/// Adds a contribution to the sums of its unit.
OCT_HD void add_to_unit(const QueueRound& round, const PathIdentity& path, Vec3 radiance, u32 scatterings) {
  const RenderSettings& settings = round.scene.view.settings[0];
  const FixedContribution contribution = fixed_contribution(settings, radiance, scatterings, path.sample);
  QueueUnit& unit = round.units[path.place.unit];
  i64* const sums = round.sums + u64{unit.place} * kUnitSums + u64{path.place.in_tile} * kFilmChannels;
  for (u32 channel = 0; channel < kFilmChannels; ++channel) {
    if (contribution.sums[channel] != 0) atomic_add(sums + channel, contribution.sums[channel]);
  }
  if (contribution.non_finite != 0) atomic_add(&unit.non_finite, u64{1});
}

/// Takes a path out of those that its unit waits for. Who takes the last one tells that the unit has finished; its sums
/// are complete when the light samples of the round have been traced.
OCT_HD void end_path(const QueueRound& round, u32 unit) {
  if (atomic_add(&round.units[unit].pending, ~u64{0}) != 1) return;
  const u64 place = atomic_add(&round.control->finished, u64{1});
  round.finished[place & round.unit_mask] = unit;
}

/// Begins paths in the places that are free, and keeps the records of rounds.
struct GeneratePaths {
  QueueRound round;
  u32 most_paths;  ///< under way
  u64 path_end;
  u64 first_unit, unit_end;  ///< where to look for a path's unit

  OCT_HD const RoundRecord& former() const { return round.record(round.number + QueueControl::kRounds - 1); }
  /// Paths that begin.
  OCT_HD u32 fresh() const {
    const u64 left = path_end - former().begun;
    const u32 room = former().paths < most_paths ? most_paths - former().paths : 0;
    return left < room ? static_cast<u32>(left) : room;
  }

  OCT_HD void operator()(u32 index) const {
    const u64 begun = former().begun;
    const u32 active = former().paths;
    const u32 count = fresh();
    if (index == 0) {
      round.now().active = active + count;
      round.now().begun = begun + count;
      round.record(round.number + 1) = {};
    }
    if (index < count) generate(begun + index, active + index);
  }

  OCT_HD void generate(u64 path, u32 slot) const {
    const u32 unit_index =
        static_cast<u32>(unit_of_path(round, first_unit, unit_end, path) & round.unit_mask);
    const QueueUnit& unit = round.units[unit_index];
    const u64 in_unit = path - unit.first_path;
    const u32 in_tile = static_cast<u32>(in_unit % unit.pixels);
    const u32 sample = unit.samples + static_cast<u32>(in_unit / unit.pixels);
    const RenderDataView& view = round.scene.view;
    const u32 pixel =
        (unit.y0 + in_tile / unit.across) * view.settings[0].width + unit.x0 + in_tile % unit.across;
    store_path(round.current, slot, generate_path(view, pixel, sample), {unit_index, in_tile});
  }
};

/// The rays of the current paths, for trace_stream. Whether light goes straight through at a hit is asked when it is
/// shaded.
template <bool kHasInstances>
struct TracePaths {
  static constexpr bool kInstances = kHasInstances;
  using Query = StreamedClosest<TracePaths>;
  QueueRound round;

  OCT_HD u32 count() const { return round.now().active; }
  OCT_HD u32* next() const { return &round.now().fetched_paths; }
  OCT_HD const SceneBvh& bvh() const { return round.scene.bvh; }
  OCT_HD Ray ray(u32 index) const { return load_ray(round.current, index); }
  OCT_HD bool accepts(u32 index, const HitKey& key) const { return accepts_hit(round.current, index, key); }
  OCT_HD void finish(const Query& query) const { store_hit(round.hits, query.index, query.best); }
};

/// Shades the hits; what goes on is appended to the next queue, light samples to theirs.
struct ShadePaths {
  QueueRound round;

  OCT_HD void operator()(u32 index) const {
    if (index >= round.now().active) return;
    QueuedPath path = load_path(round.current, index);
    const u32 depth = path.state.depth;
    const ShadedPath shaded = shade_path(round.scene.view, load_hit(round.hits, index), path.state);
    if (!is_black(shaded.emitted)) {
      add_to_unit(round, {path.state.pixel, path.state.sample, depth, path.place}, shaded.emitted, depth);
    }
    if (shaded.has_shadow_ray) {
      store_shadow(round.shadows, warp_append(&round.now().shadows), shaded.shadow, index);
    }
    if (shaded.goes_on) {
      store_path(round.next, warp_append(&round.now().paths), path.state, path.place);
    } else {
      end_path(round, path.place.unit);
    }
  }
};

/// The shadow rays, for trace_stream.
///   kFilters  whether some material lets light straight through (QueueScene::all_block)
template <bool kHasInstances, bool kFilters>
struct TraceShadows {
  static constexpr bool kInstances = kHasInstances;
  using Query = StreamedOcclusion<TraceShadows>;
  QueueRound round;

  OCT_HD u32 count() const { return round.now().shadows; }
  OCT_HD u32* next() const { return &round.now().fetched_shadows; }
  OCT_HD const SceneBvh& bvh() const { return round.scene.bvh; }
  OCT_HD Ray ray(u32 index) const { return load_shadow_ray(round.shadows, index); }
  OCT_HD float limit(u32 index) const { return float_from_bits(round.shadows.radiance[index].word[3]); }
  OCT_HD bool accepts(u32 index, const HitKey& key) const {
    return accepts_shadow_hit(round.shadows, index, key);
  }
  OCT_HD u32 blocked(u32 index, const Hit& hit) const {
    if constexpr (!kFilters) return 7u;
    const RenderDataView& view = round.scene.view;
    const PathIdentity path = load_identity(round.current, round.shadows.path[index]);
    return blocked_channels(view, hit, alpha_key(view.settings[0], path.pixel, path.sample, path.depth));
  }
  OCT_HD void finish(const Query& query) const {
    const u32 blocked = query.blocked & 7u;
    if (blocked == 7u) return;
    const Vec3 radiance =
        unblocked_part(vector_of(load_vector(round.shadows.radiance + query.index)), blocked);
    if (is_black(radiance)) return;
    const PathIdentity path = load_identity(round.current, round.shadows.path[query.index]);
    add_to_unit(round, path, radiance, path.depth + 1);
  }
};

/// Pieces of 16 bytes that a unit's sums are copied in.
inline constexpr u32 kCollectPieces = kUnitSums * sizeof(i64) / sizeof(Quad);

/// At the end of a batch: takes the sums of units that have finished, which leaves their places empty, and writes the
/// batch's record.
struct CollectUnits {
  QueueRound round;  ///< the last one of the batch
  CollectedUnit* collected;
  u64 batch;
  u32 most;  ///< units

  OCT_HD void operator()(u32 index) const {
    QueueControl& control = *round.control;
    const BatchRecord& former = control.batches[(batch + 1) % QueueControl::kBatches];
    const u64 first = former.collected + former.count;
    const u64 waiting = control.finished - first;
    const u32 count = waiting < most ? static_cast<u32>(waiting) : most;
    if (index == 0) {
      const RoundRecord& now = round.now();
      control.batches[batch % QueueControl::kBatches] = {now.begun, control.finished, first, count,
                                                         now.paths};
    }
    const u32 which = index / kCollectPieces;
    if (which >= count) return;
    take(round.finished[(first + which) & round.unit_mask], collected[which], index % kCollectPieces);
  }

  OCT_HD void take(u32 unit_index, CollectedUnit& target, u32 piece) const {
    const QueueUnit& unit = round.units[unit_index];
    if (piece == 0) {
      target.unit = unit_index;
      target.non_finite = unit.non_finite;
    }
    i64* const sums = round.sums + u64{unit.place} * kUnitSums + u64{piece} * 2;
    target.sums[2 * piece] = sums[0];
    target.sums[2 * piece + 1] = sums[1];
    sums[0] = 0;
    sums[1] = 0;
  }
};

}  // namespace oct::inline OCT_ISA
