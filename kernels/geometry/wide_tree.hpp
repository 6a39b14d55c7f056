#pragma once
#include "data/types.hpp"

// The format of trees that CPUs walk.

namespace oct {

inline constexpr u32 kBvhWidth = 8;
inline constexpr u32 kBlockWidth = 4;

/// What a child of a WideNode is: a node (index), up to four blocks of triangles, or an instance (index).
/// Two bits of kind, two of block count - 1, 28 of index.
enum : u32 {
  kRefKindMask = 3u << 30,
  kRefNode = 0u << 30,
  kRefBlocks = 2u << 30,
  kRefInstance = 3u << 30,
  kRefCountShift = 28,
  kRefIndexMask = (1u << 28) - 1,
  kMostBlocks = 4,
};

/// Eight boxes, exact: four cache lines. Unused slots hold the empty box, which no ray passes, and come last.
struct alignas(64) WideNode {
  float bounds[3][2][kBvhWidth];  ///< axis, lower or upper, child
  u32 child[kBvhWidth];
  u32 unused[kBvhWidth];  ///< 0; fills the fourth line
};

/// Four triangles side by side: three cache lines. Unused lanes hold NaN corners, which no ray hits, and come last.
struct alignas(64) TriangleBlock {
  float corner[3][3][kBlockWidth];  ///< corner, axis, triangle
  u32 instance[kBlockWidth];        ///< 0 in object space
  u32 primitive[kBlockWidth];
  float pad[kBlockWidth];  ///< by which the canonical box is larger than the bounds of the corners
};

OCT_ASSERT_PLAIN(WideNode, 256);
OCT_ASSERT_PLAIN(TriangleBlock, 192);

}  // namespace oct
