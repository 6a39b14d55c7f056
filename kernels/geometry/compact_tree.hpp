#pragma once
#include "geometry/wide_tree.hpp"

// The format of trees that GPUs walk.

namespace oct {

/// Eight boxes on a grid of 256 steps an axis: bound = origin + q * 2^exponent. Nodes among the children are
/// consecutive from first_node, triangles from first_triangle.
struct alignas(16) CompactNode {
  Vec3 origin;
  u8 exponent[3];  ///< biased by 127
  u8 child_count;
  u32 first_node;
  u32 first_triangle;
  u8 meta[kBvhWidth];  ///< kind (upper three bits) | offset (lower five); 0 = unused
  u8 lo[3][kBvhWidth];
  u8 hi[3][kBvhWidth];
};

/// Kinds of a compact child: 1 to 4 = so many triangles, or these.
enum : u32 {
  kCompactInstance = 6,  ///< its number stands in the triangle at the offset
  kCompactNode = 7,
  kCompactKindShift = 5,
  kCompactOffsetMask = 0x1f,
  kCompactMostTriangles = 4,
};

/// One triangle for compact trees.
struct alignas(16) CompactTriangle {
  Vec3 corner[3];
  u32 instance;  ///< unused in object space; number of a BvhInstance where the node says so
  u32 primitive;
  u32 pad;
};

OCT_ASSERT_PLAIN(CompactNode, 80);
OCT_ASSERT_PLAIN(CompactTriangle, 48);

}  // namespace oct
