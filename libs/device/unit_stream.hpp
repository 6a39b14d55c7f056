#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <vector>

#include "device/queue_machine.hpp"
#include "device/rounds_ahead.hpp"

namespace oct {

/// Samples of a tile that have been rendered.
struct FinishedUnit {
  std::uint64_t ticket = 0;
  std::span<const std::int64_t> sums;  ///< pixels x kFilmChannels, for the time of the call
  std::uint64_t non_finite = 0;
};

/// Units on their way through the queues of a device. New ones may be added at any time and begin as paths of former
/// ones end, so that the device stays full; each comes out once, whole, when its last path has ended. One thread at a
/// time.
class UnitStream {
 public:
  /// The machine is cleared before the first unit is added (clear()).
  UnitStream(QueueMachine& machine, const RenderSettings& settings, RoundsAhead rounds = RoundsAhead());

  /// Forgets all units, also those under way.
  Result<void> clear();

  /// Whether another unit could be added that the device will soon want.
  bool is_hungry() const;

  /// Adds samples of a tile, both of which exist under the settings. is_hungry() must be true.
  ///   ticket  comes out again
  void add(std::uint32_t tile, SampleRange samples, std::uint64_t ticket);

  /// Whether all units have come out.
  bool is_empty() const { return waiting_ == 0; }

  /// Lets the device work on and hands on what has finished, perhaps nothing. Waits for the device, a few
  /// milliseconds, if there are units. After an error only clear() helps.
  Result<void> advance(const std::function<void(const FinishedUnit&)>& sink);

  /// Waits for what the device was told beyond the last unit, which is nothing but to look. When is_empty().
  Result<void> settle();

  /// Batches that the host has waited for.
  std::uint64_t batch_count() const { return batches_; }

 private:
  /// A batch that has been started.
  struct Started {
    std::uint32_t rounds = 0;
    std::uint32_t paths = 0;
  };
  struct Entry {
    std::uint64_t ticket = 0;
    std::uint64_t path_end = 0;
    std::uint32_t place = 0;
    std::uint32_t sum_count = 0;
    bool is_out = true;
  };

  /// A unit that has not come out, by its number, and by its index in the machine's ring.
  Entry& entry(std::uint64_t unit) { return entries_[static_cast<std::size_t>(unit - oldest_unit_)]; }
  std::uint64_t unit_end() const { return oldest_unit_ + entries_.size(); }
  std::uint64_t ring_index(std::uint64_t unit) const { return unit & (machine_.sizes().units - 1); }
  std::uint64_t paths_left() const { return path_end_ - known_.begun; }
  bool has_room() const;
  std::uint64_t most_under_way() const;
  QueueBatch next_batch() const;
  Result<void> start_batch();
  std::uint32_t take_place();
  Result<BatchRecord> finish_batch();
  void take_out(const CollectedUnit& unit, const std::function<void(const FinishedUnit&)>& sink);

  QueueMachine& machine_;
  RenderSettings settings_;
  RoundsAhead rounds_;
  std::chrono::steady_clock::time_point last_look_{};
  std::deque<Entry> entries_;               ///< from oldest_unit_ on
  std::uint64_t oldest_unit_ = 0;           ///< that has not come out
  std::uint64_t first_unit_ = 0;            ///< that may have paths which have not begun
  std::uint64_t started_units_ = 0;         ///< that batches have brought to the device
  std::uint32_t used_places_ = 0;           ///< that have ever had a unit
  std::vector<std::uint32_t> free_places_;  ///< of these
  std::uint64_t path_end_ = 0;
  std::uint64_t waiting_ = 0;                     ///< units that have not come out
  Started started_[QueueMachine::kBatchesAhead];  ///< by its number
  std::uint64_t started_batches_ = 0, finished_batches_ = 0;
  std::uint64_t started_rounds_ = 0;
  std::uint64_t batches_ = 0;
  BatchRecord known_{};  ///< of the last batch that has finished
};

}  // namespace oct
