#pragma once
#include <cstdint>

#include "simt_runtime/runtime_plan.hpp"

// The stand-in for CUDA's runtime library, as tests see it.

namespace oct::simt {

/// Since the plan was set.
struct RuntimeCounts {
  std::uint64_t launches = 0;             ///< kernels that were started
  std::uint64_t allocations = 0;          ///< in GPUs' memory, that have not been freed
  std::uint64_t allocated_bytes = 0;      ///< of these
  std::uint64_t pinned = 0;               ///< host allocations that have not been freed
  std::uint64_t streams = 0, events = 0;  ///< that have not been destroyed
  std::uint64_t pageable_bytes = 0;       ///< copied between GPUs and host memory that is not pinned
  std::uint64_t pinned_bytes = 0;         ///< between GPUs and pinned memory
};

/// Another computer from now on. Nothing of the former one may be in use: streams, events and memory are forgotten, and
/// whoever hangs in a call goes on with an error.
void set_runtime_plan(RuntimePlan plan);
RuntimeCounts runtime_counts();
/// Calls that hang end with an error, now and later.
void end_hangs();

}  // namespace oct::simt
