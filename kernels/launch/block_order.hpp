#pragma once
#include "data/types.hpp"
#include "hd.hpp"

// The order in which a batch takes the paths of a tile: in blocks of 4 x 4 pixels, so that sixteen camera rays, which are
// traced together, go much the same way.

namespace oct::inline OCT_ISA {

inline constexpr u32 kBlockSide = 4;

/// Whether paths [first, first + count) of a tile of width x height pixels are whole strips of blocks, which
/// in_blocks() maps onto themselves.
OCT_HD bool come_in_blocks(u64 first, u64 count, u32 width, u32 height) {
  const u64 strip = u64{width} * kBlockSide;
  return width % kBlockSide == 0 && height % kBlockSide == 0 && first % strip == 0 && count % strip == 0;
}

/// The number, in rows from the top left, of the path that comes at `place`; both count from the start of the tile.
OCT_HD u64 in_blocks(u64 place, u32 width) {
  const u64 strip = u64{width} * kBlockSide;
  const u64 in_strip = place % strip;
  const u64 block = in_strip / (kBlockSide * kBlockSide);
  const u64 in_block = in_strip % (kBlockSide * kBlockSide);
  return place - in_strip + in_block / kBlockSide * width + block * kBlockSide + in_block % kBlockSide;
}

/// How many paths to start where `room` is, of `left` that wait: whole blocks while that can be, and none for little room.
OCT_HD u32 new_paths(u32 room, u32 left) {
  constexpr u32 kBlock = kBlockSide * kBlockSide;
  constexpr u32 kLittle = 4 * kBlock;
  if (left <= room) return left;
  return room < kLittle ? 0 : room / kBlock * kBlock;
}

}  // namespace oct::inline OCT_ISA
