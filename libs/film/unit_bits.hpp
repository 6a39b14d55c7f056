#pragma once
#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "data/unit.hpp"
#include "film/film_history.hpp"

// Which units of a picture are in a film: the ledger's bits as they stand in a film file.

namespace oct {

/// One bit for each unit, by pass, then tile.
using UnitBits = std::vector<bool>;

/// The units of a film with who filled them.
struct FilmUnits {
  UnitBits filled;
  FilmHistory history;
};

/// Tiles x passes.
std::size_t unit_count(const RenderSettings& settings);

/// Samples of each tile (of each pixel of it) that these units are. `units` has unit_count bits.
std::vector<std::uint32_t> tile_samples_of(const RenderSettings& settings, const UnitBits& units);

/// The same over all pixels.
std::uint64_t samples_of_units(const RenderSettings& settings, const UnitBits& units);

/// A film under the settings with which it goes on.
struct ContinuedFilm {
  RenderSettings settings;
  UnitBits units;
  FilmHistory history;
};

/// How a film that holds `units` under `settings` goes on to `samples_per_pixel`: settings that differ from
/// the old ones in samples_per_pixel and extra_pass_ends alone, and the same samples, and audits, as units
/// under these. Where a tile has the short last pass of the shorter render, a pass goes on ending there, so
/// that exactly the samples still wanted are rendered; an end that every tile has passed, or none has
/// reached, is forgotten, unless an audit ends there.
/// invalid_input for fewer samples than the film was made for, for more than it can count, and when more than
/// three ends would have to be kept (a film whose larger number was raised again and again before it was
/// reached); the message lacks the file's name.
Result<ContinuedFilm> continued(const RenderSettings& settings, const UnitBits& units,
                                std::uint32_t samples_per_pixel, const FilmHistory& history = {});

}  // namespace oct
