#include "master/frame_pool.hpp"

#include <algorithm>

namespace oct {

FramePool::FramePool(const Ledger& ledger)
    : tiles_(ledger.tiles()), holders_(std::size_t{ledger.tiles()} * ledger.passes(), std::uint16_t{0}) {}

std::vector<UnitRange> FramePool::take(const Ledger& ledger, std::uint64_t samples, std::size_t most_ranges,
                                       bool wide) {
  std::vector<UnitRange> units;
  std::uint64_t taken = 0;
  for (; cursor_ < holders_.size(); ++cursor_) {
    const auto tile = static_cast<std::uint32_t>(cursor_ % tiles_);
    const auto pass = static_cast<std::uint32_t>(cursor_ / tiles_);
    if (!is_free(ledger, tile, pass)) continue;
    if (taken >= samples || units.size() >= most_ranges) return units;
    units.push_back(wide ? widened(ledger, tile, pass, samples - taken) : UnitRange{tile, pass, pass + 1});
    hold(units.back());
    taken += ledger.samples_in(units.back());
  }
  return units;
}

/// One pass of a tile, and as many following passes as are free and fit the lease.
UnitRange FramePool::widened(const Ledger& ledger, std::uint32_t tile, std::uint32_t pass,
                             std::uint64_t samples) const {
  UnitRange units{tile, pass, pass + 1};
  while (units.last_pass < ledger.passes() && is_free(ledger, tile, units.last_pass) &&
         ledger.samples_in({tile, pass, units.last_pass + 1}) <= samples) {
    ++units.last_pass;
  }
  return units;
}

void FramePool::tile_cleared(std::uint32_t tile) {
  cursor_ = std::min(cursor_, index(tile, 0));
}

void FramePool::count(UnitRange units, int change) {
  for (std::uint32_t pass = units.first_pass; pass < units.last_pass; ++pass) {
    const std::size_t at = index(units.tile, pass);
    holders_[at] = static_cast<std::uint16_t>(holders_[at] + change);
    if (holders_[at] == 0) cursor_ = std::min(cursor_, at);
  }
}

}  // namespace oct
