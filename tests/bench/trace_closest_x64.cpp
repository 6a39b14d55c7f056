#include "trace_closest_impl.hpp"

namespace oct::bench {
const TraceLoops kLoopsX64 = OCT_ISA::kLoops;
}
