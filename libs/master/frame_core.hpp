#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/instant.hpp"
#include "master/frame_pool.hpp"
#include "master/ledger.hpp"
#include "master/served_scene.hpp"
#include "master/stop_rules.hpp"
#include "wire/frame_id.hpp"

namespace oct {

/// What belongs to one picture: what is merged, what is free, and what slaves may fetch for it. Everything that
/// outlives a picture (links, devices and their speeds, the lease counter) is MasterCore's. A value.
class FrameCore {
 public:
  FrameCore(FrameId frame_id, const RenderSettings& settings, ServedScene served, StopRules rules = {});

  FrameId id;
  ServedScene scene;
  Ledger ledger;
  FramePool pool;
  /// Once every sample is merged: Auditor::units_chosen() then.
  std::optional<std::uint64_t> chosen_before_complete;

  /// Ledger::offer; what it accepts may decide that a tile is done, or goes on.
  Offered offer(const FilmContribution& contribution, SourceId source);
  /// Ledger::clear_tile; what was decided of the tile is forgotten.
  std::map<SourceId, std::uint64_t> clear_tile(std::uint32_t tile);
  /// Ledger::restore; decides what the film's sums let it decide.
  void restore(const std::vector<bool>& filled, std::map<SourceId, TileSet> parts);

  /// With a time limit passes are opened one by one, for all tiles: the next one when nothing is free any more, and
  /// only if it is likely to be finished in time. Before anything is given out.
  ///   samples_per_second  of all devices, 0 = not measured yet
  ///   is_oldest  of those under way: its time runs from then on. What devices do for it before, while they wait for
  ///              answers of the frame before, is not counted.
  void decide_by_time(double samples_per_second, bool is_oldest, Instant now);
  /// Whether the time limit left out passes that were asked for.
  bool is_closed_by_time() const { return closed_by_time_; }

 private:
  void judge(std::uint32_t tile);
  void open_next_pass();
  bool has_time_for_next_pass(double samples_per_second, Instant now) const;

  StopRules rules_;
  std::optional<Instant> begun_;  ///< giving out
  bool closed_by_time_ = false;
};

}  // namespace oct
