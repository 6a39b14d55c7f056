#pragma once
#include "data/types.hpp"

// The format of trees that GPUs walk. All of it is read in pieces of 16 bytes.

namespace oct {

/// 16 bytes that are loaded at once.
struct alignas(16) Quad {
  u32 word[4];
};

/// Children of a node, 2 or 4. All widths give the same hits; this one is what GPUs walk.
inline constexpr u32 kCompactWidth = 4;

/// Boxes, exact, the largest first: shadow rays look for any hit and take them in this order. Unused slots hold the
/// empty box, which no ray passes, and come last.
template <u32 kWidth>
struct alignas(16) CompactNode {
  static_assert(kWidth == 2 || kWidth == 4);
  float bounds[3][2][kWidth];  ///< axis, lower or upper, child
  u32 child[kWidth];           ///< references
  u32 pad[kWidth == 2 ? 2 : 4];
};

template <u32 kWidth>
inline constexpr u32 kCompactNodeQuads = sizeof(CompactNode<kWidth>) / sizeof(Quad);

/// What a reference names: a node (31 bits of index), triangles (two bits of their number - 1, 28 of the first
/// one's index), or an instance (28 bits of index).
enum : u32 {
  kCompactLeaf = 1u << 31,      ///< not a node
  kCompactInstance = 3u << 30,  ///< with kCompactLeaf
  kCompactCountShift = 28,
  kCompactIndexMask = (1u << 28) - 1,
  kCompactMostTriangles = 4,
  kCompactLeave = 0xfffffffeu,  ///< no child: back from an instance to the world
  kCompactDone = 0xffffffffu,   ///< no child: the walk is over
};

/// One triangle for compact trees.
struct alignas(16) CompactTriangle {
  Vec3 corner[3];
  u32 instance;  ///< unused in object space
  u32 primitive;
  u32 pad;
};

OCT_ASSERT_PLAIN(Quad, 16);
OCT_ASSERT_PLAIN(CompactNode<2>, 64);
OCT_ASSERT_PLAIN(CompactNode<4>, 128);
OCT_ASSERT_PLAIN(CompactTriangle, 48);

}  // namespace oct
