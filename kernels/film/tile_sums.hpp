#pragma once
#include "data/unit.hpp"

// Where in the sums of a tile a pixel lies: in rows from the top left of the tile, which the picture's right
// and lower border may cut.

namespace oct::inline OCT_ISA {

/// The picture's pixel (y x width + x) that is number `index` of a tile.
OCT_HD u32 pixel_of_tile(const RenderSettings& settings, TileRect rect, u32 index) {
  const u32 across = rect.x1 - rect.x0;
  return (rect.y0 + index / across) * settings.width + rect.x0 + index % across;
}

/// The kFilmChannels sums of one of the tile's pixels (y x width + x) among those of the whole tile.
OCT_HD i64* tile_sums(const RenderSettings& settings, TileRect rect, i64* sums, u32 pixel) {
  const u32 x = pixel % settings.width - rect.x0;
  const u32 y = pixel / settings.width - rect.y0;
  return sums + u64{y * (rect.x1 - rect.x0) + x} * kFilmChannels;
}

}  // namespace oct::inline OCT_ISA
