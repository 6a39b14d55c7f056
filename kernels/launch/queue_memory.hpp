#pragma once
#include "launch/queue_work.hpp"

namespace oct::inline OCT_ISA {

/// Lays the queues into one block of memory, or, given a null block, measures it. Host and device agree about it.
class QueueMemory {
 public:
  OCT_HD QueueMemory(void* block, const QueueSizes& sizes) : base_(reinterpret_cast<u64>(block)) {
    take(control, 1);
    take(sums, u64{sizes.places} * kUnitSums);
    cleared_bytes_ = size_;
    take(units, sizes.units);
    take(finished, sizes.units);
    for (CollectedUnit*& each : collected) take(each, sizes.collected);
    for (PathColumns& each : paths) take_paths(each, sizes.paths);
    take(hits.point, sizes.paths);
    take(hits.primitive, sizes.paths);
    take(shadows.origin, sizes.paths);
    take(shadows.direction, sizes.paths);
    take(shadows.radiance, sizes.paths);
    take(shadows.path, sizes.paths);
  }

  u64 byte_size() const { return size_; }
  /// Bytes at the block's beginning that are zero where nothing is under way.
  u64 cleared_bytes() const { return cleared_bytes_; }

  QueueControl* control;
  i64* sums;         ///< kUnitSums for each place
  QueueUnit* units;  ///< a ring
  u32* finished;     ///< a ring of units, in the order in which they finished
  CollectedUnit* collected[QueueControl::kBatches];
  PathColumns paths[2];  ///< of even rounds, of odd ones
  HitColumns hits;
  ShadowColumns shadows;

 private:
  static constexpr u64 kAlignment = 256;  ///< coalesced access

  template <class T>
  OCT_HD void take(T*& column, u64 count) {
    column = reinterpret_cast<T*>(base_ + size_);
    size_ += (sizeof(T) * count + kAlignment - 1) / kAlignment * kAlignment;
  }

  OCT_HD void take_paths(PathColumns& columns, u64 count) {
    take(columns.origin, count);
    take(columns.direction, count);
    take(columns.throughput, count);
    take(columns.identity, count);
    take(columns.after, count);
    take(columns.media, count);
  }

  u64 base_;  ///< an integer, since a null block may be measured but not pointed into
  u64 size_ = 0;
  u64 cleared_bytes_ = 0;
};

}  // namespace oct::inline OCT_ISA
