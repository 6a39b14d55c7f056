#pragma once
#include "gpu/bench/kernel_totals.hpp"

// Time per kernel, told by the driver's own records (CUPTI), so that whoever starts kernels need not know: launches,
// graphs and copies are seen whatever renders. Recording costs a few microseconds a launch.

namespace oct::bench {

/// Records what this process has its GPUs do. One at a time.
class KernelClock {
 public:
  KernelClock();
  ~KernelClock();
  KernelClock(const KernelClock&) = delete;
  KernelClock& operator=(const KernelClock&) = delete;

  /// Why nothing can be recorded, in a few words; empty = it can. "built without CUPTI", "CUPTI: ..."
  const std::string& trouble() const { return trouble_; }

  /// What was done since the last call, or since the clock was made. Waits for all of it.
  KernelTotals take();

 private:
  std::string trouble_;
};

}  // namespace oct::bench
