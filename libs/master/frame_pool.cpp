#include "master/frame_pool.hpp"

#include <algorithm>
#include <bit>

namespace oct {
namespace {

constexpr std::size_t kWordBits = 64;

}  // namespace

FramePool::FramePool(const Ledger& ledger)
    : tiles_(ledger.tiles()),
      holders_(std::size_t{ledger.tiles()} * ledger.passes(), std::uint16_t{0}),
      candidates_((holders_.size() + kWordBits - 1) / kWordBits, ~std::uint64_t{0}) {
  const std::size_t beyond = candidates_.size() * kWordBits - holders_.size();
  if (beyond > 0) candidates_.back() >>= beyond;
}

std::size_t FramePool::first_free(const Ledger& ledger) {
  for (; first_word_ < candidates_.size(); ++first_word_) {
    for (std::uint64_t& word = candidates_[first_word_]; word != 0; word &= word - 1) {
      const std::size_t at = first_word_ * kWordBits + static_cast<std::size_t>(std::countr_zero(word));
      if (is_free(ledger, static_cast<std::uint32_t>(at % tiles_), static_cast<std::uint32_t>(at / tiles_)))
        return at;
    }
  }
  return holders_.size();
}

bool FramePool::has_free(const Ledger& ledger) {
  return first_free(ledger) < holders_.size();
}

std::vector<UnitRange> FramePool::take(const Ledger& ledger, std::uint64_t samples, std::size_t most_ranges,
                                       bool wide) {
  std::vector<UnitRange> units;
  std::uint64_t taken = 0;
  while (taken < samples && units.size() < most_ranges) {
    const std::size_t at = first_free(ledger);
    if (at == holders_.size()) break;
    const auto tile = static_cast<std::uint32_t>(at % tiles_);
    const auto pass = static_cast<std::uint32_t>(at / tiles_);
    units.push_back(wide ? widened(ledger, tile, pass, samples - taken) : UnitRange{tile, pass, pass + 1});
    hold(units.back());
    taken += ledger.samples_in(units.back());
  }
  has_begun_ = has_begun_ || !units.empty();
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

void FramePool::opened(UnitRange units) {
  for (std::uint32_t pass = units.first_pass; pass < units.last_pass; ++pass)
    set_candidate(index(units.tile, pass));
}

void FramePool::count(UnitRange units, int change) {
  for (std::uint32_t pass = units.first_pass; pass < units.last_pass; ++pass) {
    const std::size_t at = index(units.tile, pass);
    holders_[at] = static_cast<std::uint16_t>(holders_[at] + change);
    if (holders_[at] == 0) set_candidate(at);
  }
}

void FramePool::set_candidate(std::size_t at) {
  candidates_[at / kWordBits] |= std::uint64_t{1} << (at % kWordBits);
  first_word_ = std::min(first_word_, at / kWordBits);
}

}  // namespace oct
