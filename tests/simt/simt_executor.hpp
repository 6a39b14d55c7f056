#pragma once
#include <typeinfo>

#include "launch/queue_driver.hpp"
#include "simt/gpu_code.hpp"

namespace oct::simt {

/// Runs the GPU's compiled kernels for the product's own driver (launch/queue_driver.hpp). Host and device share memory,
/// and the layout of all that kernels are given: plain data.
class SimtExecutor {
 public:
  static constexpr u32 kThreadsPerBlock = 128;  ///< as launch/cuda_queues.cu has it
  /// 2^20 rays on 132 multiprocessors with 8 blocks each.
  static constexpr u32 kRaysPerThread = 8;

  explicit SimtExecutor(GpuCode& code) : code_(code) {}

  bool stop_requested() const { return false; }

  template <class Kernel>
  bool run(u32 count, const Kernel& kernel) {
    if (count == 0) return true;
    code_.run(
        kernel_name(typeid(Kernel).name()),
        {count, (count + kThreadsPerBlock - 1) / kThreadsPerBlock, kThreadsPerBlock, {&kernel, &count}});
    return true;
  }

  /// Warps that stay and fetch rays by the counter `next` until there are none: as many as a full GPU has for its queue.
  template <class Work>
  bool trace(u32 count, const Work& work, u32* next) {
    if (count == 0) return true;
    const u32 threads = (count + kRaysPerThread - 1) / kRaysPerThread;
    code_.run_resident(kernel_name(typeid(Work).name()), {count,
                                                          (threads + kThreadsPerBlock - 1) / kThreadsPerBlock,
                                                          kThreadsPerBlock,
                                                          {&work, &count, &next}});
    return true;
  }

  bool reset_counts(QueueCounts* counts) {
    *counts = {};
    return true;
  }

  bool read_counts(QueueCounts* counts, QueueCounts& result) {
    result = *counts;
    return true;
  }

 private:
  GpuCode& code_;
};

}  // namespace oct::simt
