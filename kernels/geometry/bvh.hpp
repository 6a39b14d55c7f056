#pragma once
#include "data/types.hpp"

// The acceleration structure as kernels see it. One array of nodes holds every tree: one over the baked
// triangles and the instances in world space, one in object space for each mesh that has instances. CPUs walk
// wide nodes, GPUs compact ones; both are host/device data, filled by HostBvh.

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

/// An instance with its own tree.
struct BvhInstance {
  Transform object_from_world;
  Bounds3 box;       ///< canonical, world
  u32 wide_root;     ///< reference
  u32 compact_root;  ///< node index
  u32 instance;
  u32 pad;
};

/// View of the built structures; the formats that were not asked for are null. Roots are kNone for an empty
/// scene.
struct SceneBvh {
  const WideNode* wide_nodes;
  const TriangleBlock* blocks;
  const CompactNode* compact_nodes;
  const CompactTriangle* compact_triangles;
  const BvhInstance* instances;
  u32 wide_root;     ///< reference
  u32 compact_root;  ///< node index
};

/// No binary tree is deeper than this, hence no wide one; a scene tree and an object tree may follow each
/// other. The builder checks what traversal needs against the sizes of the stacks.
inline constexpr u32 kBvhMostDepth = 48;
inline constexpr u32 kWideStackSize = 2 * (kBvhMostDepth * (kBvhWidth - 1) + 1);
inline constexpr u32 kCompactStackSize = 2 * (kBvhMostDepth + 1);

OCT_ASSERT_PLAIN(WideNode, 224);
OCT_ASSERT_PLAIN(TriangleBlock, 176);
OCT_ASSERT_PLAIN(CompactNode, 80);
OCT_ASSERT_PLAIN(CompactTriangle, 48);
OCT_ASSERT_PLAIN(BvhInstance, 88);
static_assert(std::is_trivially_copyable_v<SceneBvh>);

}  // namespace oct
