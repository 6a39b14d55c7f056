#include "device/cluster_search.hpp"

#include "device/cpu_info.hpp"

namespace oct {

FindNearest find_nearest() {
#if defined(OCT_HAVE_V3)
  static const FindNearest best = cpu_runs_v3() ? kFindNearestV3 : kFindNearestX64;
  return best;
#else
  return kFindNearestX64;
#endif
}

}  // namespace oct
