#pragma once
#include <algorithm>
#include <typeinfo>

#include "launch/queue_driver.hpp"
#include "simt/gpu_code.hpp"

namespace oct::simt {

/// Runs the GPU's compiled kernels for the product's own driver (launch/queue_driver.hpp). Host and device share memory,
/// and the layout of all that kernels are given: plain data.
class SimtExecutor {
 public:
  static constexpr u32 kThreadsPerBlock = 128;  ///< as launch/cuda_queues.cu has it
  /// 2^20 rays on 132 multiprocessors with 8 blocks each. Launches here have fewer rays than threads that such a GPU
  /// holds, so it is their ratio that is kept.
  static constexpr u32 kRaysPerThread = 8;

  explicit SimtExecutor(GpuCode& code) : code_(code) {}

  template <class Kernel>
  bool run(u32 count, const Kernel& kernel) {
    if (count == 0) return true;
    code_.run(kernel_name(typeid(Kernel).name()), {items(kernel, count),
                                                   (count + kThreadsPerBlock - 1) / kThreadsPerBlock,
                                                   kThreadsPerBlock,
                                                   {&kernel, &count}});
    return true;
  }

  /// Warps that stay and fetch rays by a counter until there are none: as many as a full GPU has for its queue.
  template <class Work>
  bool trace(u32 most, const Work& work) {
    if (most == 0) return true;
    const u32 threads = std::max(1u, (work.count() + kRaysPerThread - 1) / kRaysPerThread);
    code_.run_resident(
        kernel_name(typeid(Work).name()),
        {work.count(), (threads + kThreadsPerBlock - 1) / kThreadsPerBlock, kThreadsPerBlock, {&work}});
    return true;
  }

 private:
  /// What the kernel has to do, for the meter: those started beyond it return at once.
  template <class Kernel>
  static u32 items(const Kernel&, u32 count) {
    return count;
  }
  static u32 items(const GeneratePaths& kernel, u32) { return kernel.fresh(); }
  static u32 items(const ShadePaths& kernel, u32) { return kernel.round.now().active; }

  GpuCode& code_;
};

}  // namespace oct::simt
