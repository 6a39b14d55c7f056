#pragma once
#include <cstring>
#include <deque>
#include <utility>
#include <vector>

#include "device/queue_machine.hpp"
#include "launch/queue_driver.hpp"

namespace oct::test {

/// The queues of a device whose memory is this program's, driven as the GPU's are. Batches are done as late as a slow
/// device would do them: when somebody waits for them.
template <class Executor>
class HostQueues final : public QueueMachine {
 public:
  /// executor  as launch/queue_driver.hpp wants it; stays outside
  HostQueues(Executor& executor, const QueueScene& scene, const QueueSizes& sizes)
      : executor_(executor),
        scene_(scene),
        sizes_(sizes),
        units_(sizes.units),
        // as a GPU would give it: aligned, and full of what was there before
        bytes_(QueueMemory(nullptr, sizes).byte_size() + kAlignment, 0xa5),
        memory_(reinterpret_cast<void*>((reinterpret_cast<u64>(bytes_.data()) + kAlignment - 1) / kAlignment *
                                        kAlignment),
                sizes) {}

  const QueueSizes& sizes() const override { return sizes_; }
  std::span<QueueUnit> units() override { return units_; }

  Result<void> clear() override {
    started_.clear();
    std::memset(static_cast<void*>(memory_.control), 0, memory_.cleared_bytes());
    return {};
  }

  Result<void> start(const QueueBatch& batch) override {
    OCT_CHECK(started_.size() < kBatchesAhead);
    started_.push_back(batch);
    return {};
  }

  Result<BatchRecord> finish(u64 batch) override {
    OCT_CHECK(!started_.empty() && started_.front().number == batch);
    const QueueBatch next = std::exchange(started_.front(), {});
    started_.pop_front();
    for (u64 unit = next.new_units; unit < next.unit_end; ++unit)
      memory_.units[unit % sizes_.units] = units_[unit % sizes_.units];
    if (!enqueue_batch(executor_, scene_, memory_, sizes_, next))
      return fail(ErrorKind::unavailable, "the executor failed");
    return memory_.control->batches[batch % kBatchesAhead];
  }

  Result<std::span<const CollectedUnit>> collect(u64 batch, u32 count) override {
    return std::span<const CollectedUnit>(memory_.collected[batch % kBatchesAhead], count);
  }

 private:
  static constexpr u64 kAlignment = 256;
  Executor& executor_;
  QueueScene scene_;
  QueueSizes sizes_;
  std::vector<QueueUnit> units_;
  std::vector<u8> bytes_;
  QueueMemory memory_;
  std::deque<QueueBatch> started_;
};

}  // namespace oct::test
