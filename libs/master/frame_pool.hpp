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

  /// Whether take() would find anything.
  bool has_free(const Ledger& ledger);
  /// Whether it has ever given out anything.
  bool has_begun() const { return has_begun_; }

  /// One more, or one less, lease holds these units.
  void hold(UnitRange units) { count(units, +1); }
  void release(UnitRange units) { count(units, -1); }
  std::uint32_t holders(std::uint32_t tile, std::uint32_t pass) const { return holders_[index(tile, pass)]; }

  /// Whether this unit may be given out, nobody holds it, and nobody has filled it.
  bool is_free(const Ledger& ledger, std::uint32_t tile, std::uint32_t pass) const {
    return pass < ledger.open_passes(tile) && holders(tile, pass) == 0 && !ledger.is_filled(tile, pass);
  }

  /// The ledger has cleared or opened these passes of a tile: they may be free now.
  void opened(UnitRange units);

 private:
  std::size_t index(std::uint32_t tile, std::uint32_t pass) const {
    return static_cast<std::size_t>(pass) * tiles_ + tile;
  }
  UnitRange widened(const Ledger& ledger, std::uint32_t tile, std::uint32_t pass,
                    std::uint64_t samples) const;
  /// The first free unit, by pass, then tile; none = holders_.size().
  std::size_t first_free(const Ledger& ledger);
  void count(UnitRange units, int change);
  void set_candidate(std::size_t at);

  std::uint32_t tiles_;
  std::vector<std::uint16_t> holders_;  ///< by pass, then tile
  /// A bit for each unit, in the same order: clear = it is not free. One that is set may be of a unit that is held
  /// or filled, and is cleared when it is come across.
  std::vector<std::uint64_t> candidates_;
  std::size_t first_word_ = 0;  ///< no bit before it is set
  bool has_begun_ = false;
};

}  // namespace oct
