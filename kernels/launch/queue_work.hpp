#pragma once
#include "data/render_data.hpp"
#include "data/settings_limits.hpp"
#include "data/unit.hpp"
#include "geometry/bvh.hpp"
#include "geometry/compact_tree.hpp"

// What the queues of a device are and what they are told: plain data, shared between the code that drives a device and
// the code that runs on it.

namespace oct {

/// Sums of a whole tile; those at the picture's border use fewer.
inline constexpr u32 kUnitSums = kTileSize * kTileSize * kFilmChannels;

/// What is rendered. All pointers are in the memory of the device that renders.
struct QueueScene {
  RenderDataView view;
  SceneBvh bvh;
  bool all_block;  ///< each material always_blocks (shade/alpha.hpp); false is right for all scenes
};

/// How much a device works on at a time.
struct QueueSizes {
  u32 paths;      ///< under way; at least 1, below 2^31
  u32 places;     ///< units under way, each with a place for its sums; at least 1
  u32 units;      ///< length of the ring of units, a power of two, at least `places`
  u32 collected;  ///< units that a batch gives back at most; at least 1
};

/// Samples of one tile. Units are numbered in the order in which they begin, and lie in a ring; so are paths: those of a
/// unit are [first_path, first_path + pixels x samples), all pixels of the tile for the first sample, then for the next.
struct alignas(16) QueueUnit {
  u32 x0, y0;   ///< upper left pixel of the tile
  u32 across;   ///< pixels of the tile in a row
  u32 place;    ///< of its sums
  u32 samples;  ///< the first one
  u32 pixels;   ///< of the tile
  u64 first_path;
  u64 pending;     ///< paths that have not ended: at first all
  u64 non_finite;  ///< contributions that were not finite: at first 0
};

/// Several rounds that the host has a device do without looking on. All that limits launches is an upper bound.
struct QueueBatch {
  u64 number;       ///< of the batch, from 0 on after the queues were cleared
  u64 first_round;  ///< likewise
  u32 rounds;
  u32 paths;          ///< under way at most: none begin beyond that
  u32 most_fresh;     ///< paths that may begin in a round
  u32 most_active;    ///< paths that may be under way
  u32 most_finished;  ///< units that may have finished
  u64 path_end;       ///< of the paths that may begin
  u64 first_unit;     ///< one that begins no later than any path that has not begun
  u64 new_units;      ///< the first unit that no batch before has known
  u64 unit_end;       ///< one more than the last unit's number
};

/// How far a batch has brought things.
struct BatchRecord {
  u64 begun;      ///< paths, since the queues were cleared
  u64 finished;   ///< units, likewise
  u64 collected;  ///< units that batches before gave back
  u32 count;      ///< units that this one gives back
  u32 active;     ///< paths that go on
};

/// What came of a unit.
struct alignas(16) CollectedUnit {
  u64 unit;  ///< index in the ring
  u64 non_finite;
  i64 sums[kUnitSums];
};

/// One bounce of all paths under way. Zero before the round begins.
struct RoundRecord {
  u64 begun;            ///< paths so far, this round's included
  u32 active;           ///< paths of this round
  u32 paths;            ///< of these, that go on
  u32 shadows;          ///< light samples of this round
  u32 fetched_paths;    ///< by those who trace them
  u32 fetched_shadows;  ///< likewise
  u32 pad;
};

/// Where things stand, kept on the device. Rounds and batches find what came before theirs in the entry before.
struct QueueControl {
  static constexpr u32 kRounds = 4, kBatches = 2;
  RoundRecord rounds[kRounds];
  BatchRecord batches[kBatches];
  u64 finished;  ///< units whose paths have all ended
};

/// Paths waiting for their next ray, in columns of 16 bytes.
struct PathColumns {
  Quad* origin;      ///< of the ray; the instance of the triangle that it leaves
  Quad* direction;   ///< the triangle
  Quad* throughput;  ///< the density of the last scattering
  Quad* identity;    ///< pixel, sample, unit; depth, place in the tile and flags
  Quad* after;       ///< the hit behind which the ray goes on, where kGoesStraightOn says so
  Quad* media;       ///< where kIsInMedium says so
};

/// The last word of PathColumns::identity.
enum : u32 {
  kGoesStraightOn = 1u << 31,
  kIsInMedium = 1u << 30,
  kInTileShift = 16,  ///< of the pixel's number in its tile
  kInTileMask = kTileSize * kTileSize - 1,
  kDepthMask = (1u << kInTileShift) - 1,
};
static_assert(kMaxBounces <= kDepthMask && kInTileMask < 1u << 14);

/// What rays have hit.
struct HitColumns {
  Quad* point;     ///< t, u, v, instance
  u32* primitive;  ///< the upper bit: Hit::back
};

/// Light samples of a round, whose paths are those of the round.
struct ShadowColumns {
  Quad* origin;     ///< of the ray; the instance of the triangle that it leaves
  Quad* direction;  ///< the triangle
  Quad* radiance;   ///< t_max of the ray
  u32* path;
};

OCT_ASSERT_PLAIN(QueueUnit, 48);
OCT_ASSERT_PLAIN(BatchRecord, 32);
OCT_ASSERT_PLAIN(RoundRecord, 32);
static_assert(sizeof(CollectedUnit) == 16 + kUnitSums * 8);

}  // namespace oct
