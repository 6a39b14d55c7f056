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

/// Passes that begin before this sample are cut at powers of four, whatever pass_steps says.
inline constexpr u32 kFinePassesFrom = 16;
inline constexpr u32 kMostPassSteps = 16;

OCT_HD bool are_pass_steps_valid(u32 steps) {
  return steps <= kMostPassSteps && (steps & (steps - 1)) == 0;
}

/// The end of the pass that begins at sample `first`, but for extra_pass_ends and samples_per_pixel.
OCT_HD u64 regular_pass_end(u32 steps, u32 first) {
  u64 end = 1;
  if (steps == 0 || first < kFinePassesFrom) {
    while (end <= first) end *= 4;
    return end;
  }
  u32 octave = kFinePassesFrom;
  while (octave <= first / 2) octave *= 2;
  const u32 step = octave / steps;
  return (u64{first} / step + 1) * step;
}

/// The end of the pass that begins at sample `first`. Passes end after samples 1, 4, 16, 64, 256 ..., so that
/// every finished one leaves a well-distributed set (Owen 1998), where pass_steps wants it, after samples_per_pixel,
/// and after each of extra_pass_ends.
OCT_HD u32 pass_end_after(const RenderSettings& settings, u32 first) {
  u64 end = regular_pass_end(settings.pass_steps, first);
  for (const u32 extra : settings.extra_pass_ends)
    if (extra > first && extra < end) end = extra;
  return end < settings.samples_per_pixel ? static_cast<u32>(end) : settings.samples_per_pixel;
}

/// Samples of a pixel before pass `pass` + 1; samples_per_pixel for the last pass and all numbers beyond it.
/// Lengths are 1, 3, 12, 48, 192, ... where nothing cuts a pass further.
OCT_HD u32 pass_end(const RenderSettings& settings, u32 pass) {
  u32 end = pass_end_after(settings, 0);
  while (pass-- > 0 && end < settings.samples_per_pixel) end = pass_end_after(settings, end);
  return end;
}

/// At least 1.
OCT_HD u32 pass_count(const RenderSettings& settings) {
  u32 count = 1;
  for (u32 end = pass_end_after(settings, 0); end < settings.samples_per_pixel; ++count)
    end = pass_end_after(settings, end);
  return count;
}

/// Whether they ascend, lie within the samples, and zeros follow: else two parties could number passes
/// differently.
OCT_HD bool are_extra_pass_ends_valid(const RenderSettings& settings) {
  u32 last = 0;
  bool ended = false;
  for (const u32 extra : settings.extra_pass_ends) {
    if (extra == 0) {
      ended = true;
      continue;
    }
    if (ended || extra <= last || extra >= settings.samples_per_pixel) return false;
    last = extra;
  }
  return true;
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
