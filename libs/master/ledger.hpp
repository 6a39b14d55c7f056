#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "film/contribution.hpp"
#include "film/tile_set.hpp"

namespace oct {

/// Who filled a unit: a number that the master gives to each device, its own and those of slaves. Never used again
/// within a session.
using SourceId = std::uint32_t;
inline constexpr SourceId kNoSource = 0xffffffff;
/// What an earlier run of the same render merged, as its film file tells. Of which of its devices is known by tile.
inline constexpr SourceId kFromFilmFile = 0xfffffffe;

/// What became of a contribution that was offered to the ledger.
enum class Offered {
  accepted,    ///< its bits were clear and are set now: merge it, exactly once
  duplicate,   ///< at least one of its units is merged already, or is not open: drop it, harmless
  impossible,  ///< no such units, or values that no device can have computed: drop it, and distrust the sender
};

/// One bit per unit of the picture: is it merged? Beside it, who filled it. It alone decides what is merged,
/// so any mix of late, repeated, partial and lost contributions ends with each sample counted exactly once.
///
/// Where a rule decides how many samples a tile gets, passes of a tile are *open* up to the next decision, and those
/// beyond are neither given out nor merged; when the decision is to stop, they are not *wanted* any more. Without
/// a rule all are open. Pure; one thread.
class Ledger {
 public:
  /// All bits clear. `settings` must have passed check_settings.
  explicit Ledger(const RenderSettings& settings);

  const RenderSettings& settings() const { return settings_; }
  std::uint32_t tiles() const { return tiles_; }
  std::uint32_t passes() const { return passes_; }

  /// Decides about a contribution, and when it is accepted sets its bits.
  Offered offer(const FilmContribution& contribution, SourceId source);

  /// Sets the bits of units that an earlier run merged; by pass, then tile. The number of bits must be
  /// tiles() x passes(), and none may be set yet.
  ///   parts  of which tiles each device of that run filled units
  void restore(const std::vector<bool>& filled, std::map<SourceId, TileSet> parts = {});
  /// The bits, in the same order.
  std::vector<bool> filled() const;

  /// Clears all bits of a tile, since its sums cannot be told apart. Returns the samples that each source loses.
  std::map<SourceId, std::uint64_t> clear_tile(std::uint32_t tile);
  /// Of the units that this source filled.
  std::uint64_t samples_of(SourceId source) const;
  /// Whether it filled any unit, in this run or in an earlier one.
  bool has_part(SourceId source) const { return samples_of(source) > 0 || earlier_.contains(source); }
  /// Tiles of which this source filled a unit, in order.
  std::vector<std::uint32_t> tiles_of(SourceId source) const;
  /// The same of all, but for what is kFromFilmFile and nobody's.
  std::map<SourceId, TileSet> tiles_by_source() const;

  /// Passes of a tile that may be given out and merged now: pass numbers below it.
  std::uint32_t open_passes(std::uint32_t tile) const { return std::min(open_[tile], open_in_all_); }
  bool is_open(UnitRange units) const { return units.last_pass <= open_passes(units.tile); }
  /// Passes of a tile that will have been merged when the picture is complete, by all that is decided.
  std::uint32_t wanted_passes(std::uint32_t tile) const { return std::min(wanted_[tile], wanted_in_all_); }
  /// What open_tile() opened last of this tile.
  std::uint32_t passes_open_in_tile(std::uint32_t tile) const { return open_[tile]; }
  /// Opens a tile up to this pass; all that is beyond is still wanted. No lower than what is filled of it.
  void open_tile(std::uint32_t tile, std::uint32_t passes);
  /// The tile gets no more than the passes that open_tile() has opened.
  void close_tile(std::uint32_t tile);
  /// No tile is open beyond this pass, whatever is decided of each alone.
  void open_all(std::uint32_t passes);
  std::uint32_t passes_open_in_all() const { return open_in_all_; }
  /// No tile gets more than the passes that open_all() has opened.
  void close_all();

  /// Whether this range names units of the picture.
  bool exists(UnitRange units) const;
  bool is_filled(std::uint32_t tile, std::uint32_t pass) const {
    return sources_[index(tile, pass)] != kNoSource;
  }
  bool all_filled(UnitRange units) const;
  bool any_filled(UnitRange units) const;
  /// kNoSource while the unit is missing.
  SourceId source_of(std::uint32_t tile, std::uint32_t pass) const { return sources_[index(tile, pass)]; }

  /// Samples of all pixels of these units.
  std::uint64_t samples_in(UnitRange units) const;
  std::uint64_t samples_wanted() const { return samples_wanted_; }
  /// The fewest and the most of all tiles, by all that is decided.
  std::pair<std::uint32_t, std::uint32_t> wanted_samples_per_pixel() const;
  std::uint64_t samples_merged() const { return samples_merged_; }
  /// Of the passes that are open: what can be given out or is under way.
  std::uint64_t samples_left() const { return samples_open_ - samples_merged_; }
  std::uint64_t tiles_cleared() const { return tiles_cleared_; }
  std::uint64_t dropped() const { return dropped_; }  ///< contributions that were not accepted
  bool complete() const { return samples_merged_ == samples_wanted_; }

 private:
  std::size_t index(std::uint32_t tile, std::uint32_t pass) const {
    return static_cast<std::size_t>(pass) * tiles_ + tile;
  }
  std::uint64_t samples_before(std::uint32_t tile, std::uint32_t passes) const;
  void count_samples();

  RenderSettings settings_;
  std::vector<std::uint32_t> ends_;  ///< of passes, in samples
  std::uint32_t tiles_;
  std::uint32_t passes_;
  std::vector<SourceId> sources_;  ///< by pass, then tile; the bit is "not kNoSource"
  std::map<SourceId, std::uint64_t> samples_of_;
  std::map<SourceId, TileSet> earlier_;       ///< tiles of the devices of an earlier run; none is empty
  std::vector<std::uint32_t> open_, wanted_;  ///< passes, by tile
  std::uint32_t open_in_all_, wanted_in_all_;
  std::uint64_t samples_wanted_ = 0;
  std::uint64_t samples_open_ = 0;
  std::uint64_t samples_merged_ = 0;
  std::uint64_t tiles_cleared_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace oct
