#pragma once
#include "data/render_data.hpp"
#include "data/unit.hpp"
#include "geometry/bvh.hpp"

// What a queue driver is given: plain data, shared between the code that drives a GPU and the code that runs
// on it.

namespace oct {

/// One unit range of a group. Its paths are numbered [first_path, first_path + pixels x samples) within the
/// group, all pixels of the tile for the first sample, then for the next one.
struct QueueUnit {
  u32 tile;
  SampleRange samples;
  u32 pad;
  u64 first_path;
  u64 first_sum;  ///< of pixel_count(tile) x kFilmChannels sums in QueueGroup::sums
};

/// Units rendered together. All pointers are in the memory of the device that renders.
struct QueueGroup {
  RenderDataView scene;
  SceneBvh bvh;
  const QueueUnit* units;  ///< by first_path
  u32 unit_count;          ///< at least 1
  u64 path_count;          ///< of all units together
  i64* sums;               ///< zeroed, added to
  u64* non_finite;         ///< one a unit, zeroed, added to
  bool all_block;          ///< each material always_blocks (shade/alpha.hpp); false is right for all scenes
};

OCT_ASSERT_PLAIN(QueueUnit, 32);

}  // namespace oct
