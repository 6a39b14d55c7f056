#include "trace_loops_impl.hpp"

namespace oct::bench {
const TraceLoops kLoopsV3 = OCT_ISA::kLoops;
}
