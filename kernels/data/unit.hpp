#pragma once
#include "data/types.hpp"

// The cut of the picture into units of work: a 16 x 16 tile x a pass. A function of the settings alone, so
// that every party numbers units alike without asking.

namespace oct {

inline constexpr u32 kTileSize = 16;

/// Sums a pixel keeps: red, green, blue, and the luminance of the samples with even index (for the noise
/// estimate).
inline constexpr u32 kFilmChannels = 4;

/// Pixels [x0, x1) x [y0, y1); smaller than 16 x 16 at the right and lower border.
struct TileRect {
  u32 x0, y0, x1, y1;
};

/// Samples [first, last) of every pixel of a tile.
struct SampleRange {
  u32 first, last;
};

/// Consecutive passes [first_pass, last_pass) of one tile: what a lease lists and a contribution answers.
struct UnitRange {
  u32 tile;
  u32 first_pass, last_pass;
};

}  // namespace oct

namespace oct::inline OCT_ISA {

OCT_HD u32 tiles_across(const RenderSettings& settings) {
  return (settings.width + kTileSize - 1) / kTileSize;
}
OCT_HD u32 tiles_down(const RenderSettings& settings) {
  return (settings.height + kTileSize - 1) / kTileSize;
}
OCT_HD u32 tile_count(const RenderSettings& settings) {
  return tiles_across(settings) * tiles_down(settings);
}

/// Tiles are numbered in rows from the top left.
OCT_HD TileRect tile_rect(const RenderSettings& settings, u32 tile) {
  const u32 across = tiles_across(settings);
  const u32 x0 = tile % across * kTileSize;
  const u32 y0 = tile / across * kTileSize;
  const u32 x1 = x0 + kTileSize < settings.width ? x0 + kTileSize : settings.width;
  const u32 y1 = y0 + kTileSize < settings.height ? y0 + kTileSize : settings.height;
  return {x0, y0, x1, y1};
}

OCT_HD u32 pixel_count(TileRect rect) {
  return (rect.x1 - rect.x0) * (rect.y1 - rect.y0);
}

/// Pass 0 ends after sample 1, pass p after sample 4^p, the last one after samples_per_pixel:
/// lengths 1, 3, 12, 48, 192, ... so that every finished pass leaves a well-distributed set (Owen 1998).
OCT_HD u32 pass_end(const RenderSettings& settings, u32 pass) {
  const u64 end = pass < 16 ? u64{1} << (2 * pass) : ~u64{0};
  return end < settings.samples_per_pixel ? static_cast<u32>(end) : settings.samples_per_pixel;
}

OCT_HD u32 pass_count(const RenderSettings& settings) {
  u32 count = 0;
  while (count == 0 || pass_end(settings, count - 1) < settings.samples_per_pixel) ++count;
  return count;
}

OCT_HD SampleRange samples_of(const RenderSettings& settings, u32 first_pass, u32 last_pass) {
  const u32 first = first_pass == 0 ? 0 : pass_end(settings, first_pass - 1);
  return {first, pass_end(settings, last_pass - 1)};
}

/// At most this many contributions reach the film from one sample: emission at each of the max_depth + 1 hits
/// of a path (or its miss), and one light sample at each but the last.
OCT_HD u64 contributions_per_sample(const RenderSettings& settings) {
  return 2 * u64{settings.max_depth} + 1;
}

}  // namespace oct::inline OCT_ISA
