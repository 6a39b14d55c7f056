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

/// Eight boxes, exact. Unused slots hold the empty box, which no ray passes, and come last.
struct alignas(32) WideNode {
  float bounds[3][2][kBvhWidth];  ///< axis, lower or upper, child
  u32 child[kBvhWidth];
};

/// Four triangles side by side. Unused lanes hold NaN corners, which no ray hits, and come last.
struct alignas(16) TriangleBlock {
  float corner[3][3][kBlockWidth];  ///< corner, axis, triangle
  u32 instance[kBlockWidth];        ///< unused in object space
  u32 primitive[kBlockWidth];
};

OCT_ASSERT_PLAIN(WideNode, 224);
OCT_ASSERT_PLAIN(TriangleBlock, 176);

}  // namespace oct
