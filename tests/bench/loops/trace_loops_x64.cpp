#include "trace_loops_impl.hpp"

namespace oct::bench {
const TraceLoops kLoopsX64 = OCT_ISA::kLoops;
}
