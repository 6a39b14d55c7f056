#include "device/cluster_search_impl.hpp"

namespace oct {
const FindNearest kFindNearestV3 = OCT_ISA::find_nearest_of;
}
