#pragma once
#include <cstdint>
#include <vector>

#include "master/ledger.hpp"

namespace oct {

/// Which units of one frame are free, and how many leases hold the others. Units are given out by pass, so that the
/// picture refines evenly. A value; it knows no devices. Pure; one thread.
class FramePool {
 public:
  explicit FramePool(const Ledger& ledger);

  /// Takes free units worth at least `samples` (fewer when they run out), at most `most_ranges` ranges; each counts
  /// as held once more.
  ///   wide  a range spans as many following passes of its tile as are free and fit `samples`
  std::vector<UnitRange> take(const Ledger& ledger, std::uint64_t samples, std::size_t most_ranges,
                              bool wide);

  /// One more, or one less, lease holds these units.
  void hold(UnitRange units) { count(units, +1); }
  void release(UnitRange units) { count(units, -1); }
  std::uint32_t holders(std::uint32_t tile, std::uint32_t pass) const { return holders_[index(tile, pass)]; }

  /// Whether nobody holds this unit and nobody has filled it.
  bool is_free(const Ledger& ledger, std::uint32_t tile, std::uint32_t pass) const {
    return holders(tile, pass) == 0 && !ledger.is_filled(tile, pass);
  }

  /// The bits of a tile were cleared: what nobody holds of it is free again.
  void tile_cleared(std::uint32_t tile);

 private:
  std::size_t index(std::uint32_t tile, std::uint32_t pass) const {
    return static_cast<std::size_t>(pass) * tiles_ + tile;
  }
  UnitRange widened(const Ledger& ledger, std::uint32_t tile, std::uint32_t pass,
                    std::uint64_t samples) const;
  void count(UnitRange units, int change);

  std::uint32_t tiles_;
  std::vector<std::uint16_t> holders_;  ///< by pass, then tile
  std::size_t cursor_ = 0;              ///< no unit before it is free
};

}  // namespace oct
