#include "trace_closest_impl.hpp"

namespace oct::bench {
const TraceLoops kLoopsV3 = OCT_ISA::kLoops;
}
