#pragma once
#include <span>

#include "base/result.hpp"
#include "launch/queue_work.hpp"

namespace oct {

/// A device with queues (launch/queue_driver.hpp), as whoever feeds it sees it: batches are started one behind the
/// other and done in this order, while the host does something else. At most two are started and not finished. One
/// thread at a time.
class QueueMachine {
 public:
  static constexpr u32 kBatchesAhead = 2;

  virtual ~QueueMachine() = default;

  virtual const QueueSizes& sizes() const = 0;

  /// The host's side of the ring of units, sizes().units long. An entry must stay as it is until a batch that is newer
  /// than its unit has finished.
  virtual std::span<QueueUnit> units() = 0;

  /// Ends what is under way and empties the queues. Before the first batch, and after whatever went wrong.
  virtual Result<void> clear() = 0;

  /// Brings the batch's new units to the device and starts it. Returns at once.
  virtual Result<void> start(const QueueBatch& batch) = 0;

  /// Waits for a batch, the oldest one that has been started and not finished.
  virtual Result<BatchRecord> finish(u64 batch) = 0;

  /// The units that a batch gives back, `count` by its record. Waits for them alone, not for batches that are under
  /// way. They stay until the next call.
  virtual Result<std::span<const CollectedUnit>> collect(u64 batch, u32 count) = 0;
};

}  // namespace oct
