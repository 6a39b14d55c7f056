#include "device/cluster_search_impl.hpp"

namespace oct {
const FindNearest kFindNearestX64 = OCT_ISA::find_nearest_of;
}
