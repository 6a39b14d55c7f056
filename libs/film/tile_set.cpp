#include "film/tile_set.hpp"

#include <algorithm>
#include <iterator>

#include "base/check.hpp"

namespace oct {
namespace {

/// The first range that ends behind this tile.
template <class Ranges>
auto range_at(Ranges& ranges, std::uint32_t tile) {
  return std::upper_bound(ranges.begin(), ranges.end(), tile,
                          [](std::uint32_t wanted, const TileRange& range) { return wanted < range.last; });
}

}  // namespace

void TileSet::append(TileRange range) {
  OCT_CHECK(range.first < range.last && (ranges_.empty() || ranges_.back().last <= range.first));
  if (!ranges_.empty() && ranges_.back().last == range.first)
    ranges_.back().last = range.last;
  else
    ranges_.push_back(range);
}

void TileSet::remove(std::uint32_t tile) {
  const auto found = range_at(ranges_, tile);
  if (found == ranges_.end() || tile < found->first) return;
  const TileRange before{found->first, tile}, behind{tile + 1, found->last};
  if (before.first == before.last && behind.first == behind.last) {
    ranges_.erase(found);
  } else if (before.first == before.last) {
    *found = behind;
  } else {
    *found = before;
    if (behind.first < behind.last) ranges_.insert(std::next(found), behind);
  }
}

void TileSet::add_all(const TileSet& other) {
  std::vector<TileRange> all;
  std::merge(ranges_.begin(), ranges_.end(), other.ranges_.begin(), other.ranges_.end(),
             std::back_inserter(all),
             [](const TileRange& a, const TileRange& b) { return a.first < b.first; });
  ranges_.clear();
  for (const TileRange& range : all) {
    if (!ranges_.empty() && range.first <= ranges_.back().last)
      ranges_.back().last = std::max(ranges_.back().last, range.last);
    else
      ranges_.push_back(range);
  }
}

bool TileSet::contains(std::uint32_t tile) const {
  const auto found = range_at(ranges_, tile);
  return found != ranges_.end() && found->first <= tile;
}

std::vector<std::uint32_t> TileSet::tiles() const {
  std::vector<std::uint32_t> tiles;
  for (const TileRange& range : ranges_) {
    for (std::uint32_t tile = range.first; tile < range.last; ++tile) tiles.push_back(tile);
  }
  return tiles;
}

}  // namespace oct
