#pragma once
#include "geometry/compact_tree.hpp"
#include "geometry/wide_tree.hpp"

// The acceleration structure as kernels see it. One array of nodes holds every tree: one over the baked
// triangles and the instances in world space, one in object space for each mesh that has instances. CPUs walk
// wide nodes (wide_tree.hpp), GPUs compact ones (compact_tree.hpp); both are host/device data, filled by HostBvh.

namespace oct {

/// An instance with its own tree.
struct alignas(16) BvhInstance {
  Transform object_from_world;
  Bounds3 box;       ///< canonical, world
  u32 wide_root;     ///< reference
  u32 compact_root;  ///< node index
  u32 instance;
  u32 pad[3];
};

/// View of the built structures; the formats that were not asked for are null. Roots are kNone for an empty
/// scene.
struct SceneBvh {
  const WideNode* wide_nodes;
  const TriangleBlock* blocks;
  const Quad* compact_nodes;  ///< CompactNode<kCompactWidth>, or of the width that was asked for
  const CompactTriangle* compact_triangles;
  const BvhInstance* instances;
  u32 wide_root;     ///< reference
  u32 compact_root;  ///< node index
  u32 instance_count;
};

/// No binary tree is deeper than this, hence no wide one; a scene tree and an object tree may follow each
/// other. The builder checks what traversal needs against the sizes of the stacks.
inline constexpr u32 kBvhMostDepth = 48;
inline constexpr u32 kWideStackSize = 2 * (kBvhMostDepth * (kBvhWidth - 1) + 1);
/// Children that wait at a time in one compact tree, at most, whatever its width: the writer sees to it.
inline constexpr u32 kCompactMostWaiting = kBvhMostDepth;
/// Those of two trees, each on a mark that tells what follows them; the child that is visited next; and a place above.
inline constexpr u32 kCompactStackSize = 2 * (kCompactMostWaiting + 1) + 2;

OCT_ASSERT_PLAIN(BvhInstance, 96);
static_assert(std::is_trivially_copyable_v<SceneBvh>);

}  // namespace oct
