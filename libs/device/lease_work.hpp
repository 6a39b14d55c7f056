#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "device/device.hpp"

namespace oct {

/// Paths [first_path, first_path + path_count) of one unit range, counted from sample 0 of its tile.
struct WorkPiece {
  std::size_t unit_index = 0;  ///< in the lease
  std::uint32_t tile = 0;
  std::uint64_t first_path = 0;
  std::uint64_t path_count = 0;
};

/// A lease cut into pieces of equal work for the threads of a CPU. Units differ in size by a factor of a
/// thousand, and a lease may hold fewer of them than there are threads, so units are cut too: each piece is
/// summed apart, and the piece that completes a unit sends it. The sums are integers: any cut gives the same
/// bits.
class LeaseWork {
 public:
  /// Paths of a piece: tens of milliseconds, a few kilobytes of sums to merge.
  static constexpr std::uint64_t kPathsPerPiece = 4096;

  /// The units must exist (check_units).
  LeaseWork(const RenderSettings& settings, const Lease& lease, const ContributionSink& sink);
  ~LeaseWork();

  std::size_t piece_count() const { return piece_count_; }
  WorkPiece piece(std::size_t index) const;

  /// Zeroed sums of a piece's unit, to render it into.
  std::vector<std::int64_t> make_sums(const WorkPiece& piece) const;

  /// Takes the sums of a whole piece. Calls the sink, alone, if that completes its unit. Any thread.
  void finish(const WorkPiece& piece, const std::vector<std::int64_t>& sums, std::uint64_t non_finite);

  /// Whether every unit has gone to the sink.
  bool complete() const { return units_sent_.load() == units_.size(); }

 private:
  struct Unit;
  void send(Unit& unit);

  std::vector<std::unique_ptr<Unit>> units_;
  std::vector<std::size_t> first_pieces_;  ///< of each unit
  std::size_t piece_count_ = 0;
  std::atomic<std::size_t> units_sent_{0};
  std::mutex sink_mutex_;
  const ContributionSink& sink_;
};

/// invalid_input unless every unit range of the lease exists under these settings.
Result<void> check_units(const RenderSettings& settings, const Lease& lease);

}  // namespace oct
