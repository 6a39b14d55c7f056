#pragma once
#include <cstdint>
#include <vector>

// What the hardware does by itself: the bounds that kernels run against. All functions measure the calling thread's
// current GPU and take a fraction of a second; an empty list or a negative value says that CUDA failed.

namespace oct::bench {

/// Loads of a warp whose lanes are spread over some lines of 128 bytes.
struct LoadCost {
  std::uint32_t bytes;  ///< of each lane's load: 1, 4, 16
  std::uint32_t lines;  ///< that the warp touches: 1, 2, 4 ... 32
  double cycles;        ///< of a multiprocessor for one such load of a warp, with 32 warps on it
};
/// Data come from the first-level cache, `in_l1`, or from the second.
std::vector<LoadCost> measure_loads(bool in_l1);

/// One instruction of a straight loop of so many bytes of code.
struct CodeCost {
  std::uint32_t bytes;
  double cycles;  ///< of a multiprocessor for one instruction of a warp, with 16 warps on it
};
std::vector<CodeCost> measure_code_sizes();

/// Warp instructions a cycle of a multiprocessor, with independent instructions in 32 warps.
struct IssueRates {
  double fma, integer, both;
};
IssueRates measure_issue_rates();

/// Microseconds on the host's clock.
struct LaunchCosts {
  double launch;           ///< of one of many empty kernels that follow each other, nothing waited for
  double launch_and_wait;  ///< of one that is waited for
  double launch_and_read;  ///< the same, and 16 bytes read back
};
LaunchCosts measure_launches();

/// Cycles a second at which a busy multiprocessor runs.
double measure_clock_rate();

}  // namespace oct::bench
