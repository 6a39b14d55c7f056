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
struct CompactNode;

/// Lower and upper planes of an axis lie side by side: a ray that goes down swaps them once they are loaded.
template <>
struct alignas(64) CompactNode<2> {
  float planes[3][2][2];  ///< axis, lower or upper, child
  u32 child[2];           ///< references
  u32 pad[2];
};

/// Lower and upper planes of x lie 16 bytes apart, of y 32, of z 64. So one bit of the address says which of them is
/// met first, and a ray has its three bits in one word: near planes are where they are set as its are, far planes
/// where they are not.
template <>
struct alignas(128) CompactNode<4> {
  float lower_x[4], upper_x[4];
  u32 child[4];  ///< references
  float lower_z[4], lower_y[4];
  u32 pad[4];
  float upper_y[4], upper_z[4];
};

/// Bits of addresses by which upper planes differ from lower ones.
enum : u32 { kUpperX = 16, kUpperY = 32, kUpperZ = 64 };

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

/// One triangle for compact trees: an axis in each piece, so that a ray reads them in the order that its test wants.
struct alignas(16) CompactTriangle {
  struct Axis {
    float corner[3];
    u32 number;
  };
  Axis axis[3];  ///< with them: instance (unused in object space), primitive, bits of triangle_pad
};

OCT_ASSERT_PLAIN(Quad, 16);
OCT_ASSERT_PLAIN(CompactNode<2>, 64);
OCT_ASSERT_PLAIN(CompactNode<4>, 128);
OCT_ASSERT_PLAIN(CompactTriangle, 48);

}  // namespace oct
