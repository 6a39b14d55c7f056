#pragma once
#include <cstdint>

// What a cluster would best be joined with: the inner loop of building trees, compiled once an instruction set.

namespace oct {

/// A cluster looks at this many neighbours before it and after it.
inline constexpr std::uint32_t kClusterReach = 8;
/// Places that must hold something on either side of the clusters, for what reads past them.
inline constexpr std::uint32_t kClusterMargin = 32;

/// For each of `count` boxes the neighbour with which it has the least common surface. planes[0..2] are lower,
/// [3..5] upper bounds on x, y, z; kClusterMargin places before and after hold boxes so large that they are
/// never the best. Of equal ones the partner in pairs (0 1), (2 3) ... comes first, so that many equal boxes
/// pair up all at once. The same result on each instruction set.
using FindNearest = void (*)(const float* const planes[6], std::uint32_t count, std::uint32_t* nearest);

extern const FindNearest kFindNearestX64;
extern const FindNearest kFindNearestV3;

/// That for this computer.
FindNearest find_nearest();

}  // namespace oct
