#include "compile/fastest_loops.hpp"

#include "base/cpu_level.hpp"

namespace oct {

HostLoops fastest_loops() {
#if defined(OCT_HAVE_V3)
  if (cpu_runs_v3()) return host_loops_v3();
#endif
  return host_loops_x64();
}

}  // namespace oct
