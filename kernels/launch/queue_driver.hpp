#pragma once
#include "launch/queues.hpp"

// The driver of the queues, the same for every executor: CUDA's, and a plain loop that lets a CPU test speak
// for the GPU.
//
// An executor has
//
//   bool stop_requested()                 looked at between rounds
//   bool run(u32 count, const Kernel&)    kernel(0) ... kernel(count - 1), all done before the next run
//   bool trace(u32 count, const Work&, u32* next)
//                                         trace_stream by as many threads as the executor likes, all done before
//                                         the next run
//   bool reset_counts(QueueCounts*)       all to zero
//   bool read_counts(QueueCounts*, QueueCounts& result)
//
// where false = failed.

namespace oct::inline OCT_ISA {

/// Lays the queues of `capacity` paths into one block of memory, or, given a null block, measures it.
class QueueMemory {
 public:
  OCT_HD QueueMemory(void* block, u32 capacity) : base_(reinterpret_cast<u64>(block)), capacity_(capacity) {
    take_paths(round_.current);
    take_paths(round_.next);
    take(round_.hits);
    take(round_.shadows.requests);
    take(round_.shadows.units);
    round_.counts = reinterpret_cast<QueueCounts*>(base_ + size_);
    size_ += kAlignment;
  }

  u64 byte_size() const { return size_; }
  const QueueRound& round() const { return round_; }

 private:
  static constexpr u64 kAlignment = 256;  ///< coalesced access

  template <class T>
  OCT_HD void take(T*& column) {
    column = reinterpret_cast<T*>(base_ + size_);
    size_ += (sizeof(T) * u64{capacity_} + kAlignment - 1) / kAlignment * kAlignment;
  }

  OCT_HD void take_paths(PathQueue& queue) {
    PathColumns::each(queue.states, queue.states, [this](auto& column, auto&) { take(column); });
    take(queue.units);
  }

  u64 base_;  ///< an integer, since a null block may be measured but not pointed into
  u32 capacity_;
  u64 size_ = 0;
  QueueRound round_{};
};

enum class QueueOutcome { done, stopped, failed };

/// Traces the current paths with what the scene needs and no more.
template <class Executor>
bool trace_paths(Executor& executor, const QueueRound& round, u32 count) {
  u32* const next = &round.counts->fetched_paths;
  if (round.group.bvh.instance_count == 0) return executor.trace(count, TracePaths<false>{round}, next);
  return executor.trace(count, TracePaths<true>{round}, next);
}

/// Traces the shadow rays likewise.
template <class Executor>
bool trace_shadows(Executor& executor, const QueueRound& round, u32 count) {
  u32* const next = &round.counts->fetched_shadows;
  const bool instances = round.group.bvh.instance_count != 0;
  if (round.group.all_block) {
    return instances ? executor.trace(count, TraceShadows<true, false>{round}, next)
                     : executor.trace(count, TraceShadows<false, false>{round}, next);
  }
  return instances ? executor.trace(count, TraceShadows<true, true>{round}, next)
                   : executor.trace(count, TraceShadows<false, true>{round}, next);
}

/// Renders all paths of a group. Whenever paths have ended, new ones take their places, so that the device
/// stays full.
template <class Executor>
QueueOutcome render_group(Executor& executor, const QueueGroup& group, const QueueMemory& memory,
                          u32 capacity) {
  QueueRound round = memory.round();
  round.group = group;
  u64 generated = 0;
  u32 active = 0;
  while (active > 0 || generated < group.path_count) {
    if (executor.stop_requested()) return QueueOutcome::stopped;
    const u64 left = group.path_count - generated;
    const u32 fresh = left < capacity - active ? static_cast<u32>(left) : capacity - active;
    bool running = executor.run(fresh, GeneratePaths{round, generated, active});
    generated += fresh;
    active += fresh;
    QueueCounts counts{};
    running = running && executor.reset_counts(round.counts) && trace_paths(executor, round, active) &&
              executor.run(active, ShadePaths{round}) && executor.read_counts(round.counts, counts) &&
              trace_shadows(executor, round, counts.shadows);
    if (!running) return QueueOutcome::failed;
    const PathQueue ended = round.current;
    round.current = round.next;
    round.next = ended;
    active = counts.paths;
  }
  return QueueOutcome::done;
}

}  // namespace oct::inline OCT_ISA
