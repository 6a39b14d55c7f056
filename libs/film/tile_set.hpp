#pragma once
#include <cstdint>
#include <vector>

namespace oct {

/// Tiles [first, last).
struct TileRange {
  std::uint32_t first = 0, last = 0;
  friend bool operator==(const TileRange&, const TileRange&) = default;
};

/// Some tiles of a picture, kept as ranges: those of one device follow each other more often than not. A value.
class TileSet {
 public:
  /// The next one in order: none behind it is there.
  void append(std::uint32_t tile) { append({tile, tile + 1}); }
  /// Begins where the last one ends, or behind it.
  void append(TileRange range);
  void remove(std::uint32_t tile);
  void add_all(const TileSet& other);

  bool empty() const { return ranges_.empty(); }
  bool contains(std::uint32_t tile) const;
  /// In order; none is empty, and none touches the next.
  const std::vector<TileRange>& ranges() const { return ranges_; }
  std::vector<std::uint32_t> tiles() const;

  friend bool operator==(const TileSet&, const TileSet&) = default;

 private:
  std::vector<TileRange> ranges_;
};

}  // namespace oct
