#include "master/frame_core.hpp"

#include <algorithm>
#include <utility>

namespace oct {
namespace {

/// While no speed is known, passes up to so many samples are opened.
constexpr std::uint32_t kFirstSamples = 16;

}  // namespace

FrameCore::FrameCore(FrameId frame_id, const RenderSettings& settings, ServedScene served, StopRules rules)
    : id(frame_id), scene(std::move(served)), ledger(settings), pool(ledger), rules_(std::move(rules)) {
  if (rules_.noise) {
    for (std::uint32_t tile = 0; tile < ledger.tiles(); ++tile)
      ledger.open_tile(tile, rules_.noise->first_passes());
  }
  if (rules_.time_limit) ledger.open_all(1);
}

Offered FrameCore::offer(const FilmContribution& contribution, SourceId source) {
  const Offered offered = ledger.offer(contribution, source);
  if (offered == Offered::accepted && rules_.noise) {
    rules_.noise->add(contribution);
    judge(contribution.units.tile);
  }
  return offered;
}

std::map<SourceId, std::uint64_t> FrameCore::clear_tile(std::uint32_t tile) {
  std::map<SourceId, std::uint64_t> lost = ledger.clear_tile(tile);
  if (rules_.noise) {
    rules_.noise->forget(tile);
    ledger.open_tile(tile, rules_.noise->first_passes());
  }
  pool.opened({tile, 0, ledger.passes()});
  return lost;
}

void FrameCore::restore(const std::vector<bool>& filled, std::map<SourceId, TileSet> parts) {
  ledger.restore(filled, std::move(parts));
  std::uint32_t highest = 1;
  for (std::uint32_t tile = 0; tile < ledger.tiles(); ++tile) {
    std::uint32_t reached = ledger.passes();
    while (reached > 0 && !ledger.is_filled(tile, reached - 1)) --reached;
    highest = std::max(highest, reached);
    if (!rules_.noise) continue;
    ledger.open_tile(tile, std::max(reached, rules_.noise->first_passes()));
    judge(tile);
  }
  if (rules_.time_limit) ledger.open_all(highest);
}

/// Once all that is open of a tile is merged, its sums are those of its first samples, and of no other.
void FrameCore::judge(std::uint32_t tile) {
  const std::uint32_t passes = ledger.passes_open_in_tile(tile);
  if (passes == ledger.passes() || !ledger.all_filled({tile, 0, passes})) return;
  if (rules_.noise->is_clean(tile, pass_end(ledger.settings(), passes - 1))) {
    ledger.close_tile(tile);
    rules_.noise->forget(tile);
    return;
  }
  ledger.open_tile(tile, passes + 1);
  pool.opened({tile, passes, passes + 1});
}

void FrameCore::decide_by_time(double samples_per_second, bool is_oldest, Instant now) {
  if (!rules_.time_limit || closed_by_time_) return;
  if (!begun_ && is_oldest && pool.has_begun()) begun_ = now;
  while (ledger.passes_open_in_all() < ledger.passes() && !pool.has_free(ledger)) {
    const bool nothing_known = samples_per_second <= 0 && ledger.samples_left() > 0;
    if (nothing_known && pass_end(ledger.settings(), ledger.passes_open_in_all()) > kFirstSamples) return;
    if (!has_time_for_next_pass(samples_per_second, now)) {
      ledger.close_all();
      closed_by_time_ = true;
      return;
    }
    open_next_pass();
  }
}

bool FrameCore::has_time_for_next_pass(double samples_per_second, Instant now) const {
  if (!begun_) return true;
  const double left = to_seconds(*rules_.time_limit - (now - *begun_));
  if (samples_per_second <= 0) return left > 0;
  std::uint64_t samples = ledger.samples_left();
  const std::uint32_t next = ledger.passes_open_in_all();
  for (std::uint32_t tile = 0; tile < ledger.tiles(); ++tile) {
    if (next < ledger.wanted_passes(tile)) samples += ledger.samples_in({tile, next, next + 1});
  }
  return static_cast<double>(samples) / samples_per_second <= left;
}

void FrameCore::open_next_pass() {
  const std::uint32_t next = ledger.passes_open_in_all();
  ledger.open_all(next + 1);
  for (std::uint32_t tile = 0; tile < ledger.tiles(); ++tile) pool.opened({tile, next, next + 1});
}

}  // namespace oct
