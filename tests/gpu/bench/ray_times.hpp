#pragma once
#include "gpu/bench/carried.hpp"
#include "gpu/bench/figures.hpp"
#include "gpu/bench/time_bound.hpp"

namespace oct::bench {

/// Traces the recorded rays of a scene by every kernel that may trace them, on the calling thread's current GPU, and
/// compares the closest hits with the CPU's. Returns how many kernels found others; an error when something failed.
Result<int> measure_rays(Figures& figures, const TimeBound& bound, const CarriedScene& scene,
                         const RenderDataPtr& data);

}  // namespace oct::bench
