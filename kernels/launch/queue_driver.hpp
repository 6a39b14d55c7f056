#pragma once
#include "launch/queue_memory.hpp"
#include "launch/queues.hpp"

// The driver of the queues, the same for every executor: CUDA's, and plain loops that let a CPU test speak for the GPU.
// It looks at nothing: how many paths there are is known where the kernels run.
//
// An executor has
//
//   bool run(u32 count, const Kernel&)   kernel(0) ... kernel(count - 1), all done before the next run
//   bool trace(u32 most, const Work&)    trace_stream of work.count() rays, which are no more than `most`, by as many
//                                        threads as the executor likes, all done before the next run
//
// where false = failed. Both may return before anything is done.

namespace oct::inline OCT_ISA {

/// Traces the current paths with what the scene needs and no more.
template <class Executor>
bool trace_paths(Executor& executor, const QueueRound& round, u32 most) {
  if (round.scene.bvh.instance_count == 0) return executor.trace(most, TracePaths<false>{round});
  return executor.trace(most, TracePaths<true>{round});
}

/// Traces the shadow rays likewise.
template <class Executor>
bool trace_shadows(Executor& executor, const QueueRound& round, u32 most) {
  const bool instances = round.scene.bvh.instance_count != 0;
  if (round.scene.all_block) {
    return instances ? executor.trace(most, TraceShadows<true, false>{round})
                     : executor.trace(most, TraceShadows<false, false>{round});
  }
  return instances ? executor.trace(most, TraceShadows<true, true>{round})
                   : executor.trace(most, TraceShadows<false, true>{round});
}

OCT_HD QueueRound round_of(const QueueScene& scene, const QueueMemory& memory, const QueueSizes& sizes,
                           u64 number) {
  return {scene,        memory.paths[number % 2], memory.paths[(number + 1) % 2],
          memory.hits,  memory.shadows,           memory.sums,
          memory.units, memory.finished,          memory.control,
          number,       sizes.units - 1};
}

/// Has the rounds of a batch done, and its finished units put where the batch's number says, with its record.
/// Units and all that batches before did must be there by then.
template <class Executor>
bool enqueue_batch(Executor& executor, const QueueScene& scene, const QueueMemory& memory,
                   const QueueSizes& sizes, const QueueBatch& batch) {
  const u32 fresh = batch.most_fresh == 0 ? 1 : batch.most_fresh;  // one keeps the records
  for (u32 i = 0; i < batch.rounds; ++i) {
    const QueueRound round = round_of(scene, memory, sizes, batch.first_round + i);
    if (!executor.run(fresh,
                      GeneratePaths{round, batch.paths, batch.path_end, batch.first_unit, batch.unit_end}) ||
        !trace_paths(executor, round, batch.most_active) ||
        !executor.run(batch.most_active, ShadePaths{round}) ||
        !trace_shadows(executor, round, batch.most_active)) {
      return false;
    }
  }
  const QueueRound last = round_of(scene, memory, sizes, batch.first_round + batch.rounds - 1);
  const u32 most = batch.most_finished < sizes.collected ? batch.most_finished : sizes.collected;
  CollectedUnit* const collected = memory.collected[batch.number % QueueControl::kBatches];
  return executor.run(most == 0 ? 1 : most * kCollectPieces,
                      CollectUnits{last, collected, batch.number, most});
}

}  // namespace oct::inline OCT_ISA
