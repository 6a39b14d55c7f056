#pragma once
#include <span>
#include <vector>

#include "device/bvh_collapse.hpp"
#include "geometry/bvh.hpp"

namespace oct {

/// Where the triangles of one BvhPrimitive::instance lie.
struct MeshGeometry {
  const Vec3* vertices;
  const Triangle* triangles;
  std::uint32_t instance;  ///< written beside each triangle
};

/// Nodes and leaves of a subtree, numbered from 0. Part 0 of a tree starts with its root; nodes[0] of the
/// others goes into the place `slot` of part 0.
template <class Node, class Leaf>
struct TreePart {
  std::vector<Node> nodes;
  std::vector<Leaf> leaves;
  std::uint32_t slot = 0;
  std::uint32_t depth = 0;  ///< nodes on the longest way down, from the tree's root
};

using WidePart = TreePart<WideNode, TriangleBlock>;
using CompactPart = TreePart<CompactNode, CompactTriangle>;

/// Turns a binary tree into one of the formats. `geometry` is indexed by the primitives' `instance`; a
/// primitive that is an instance becomes a reference to its number. `pool` may be null.
std::vector<WidePart> write_wide(const BinaryTree& tree, std::span<const MeshGeometry> geometry,
                                 ThreadPool* pool);
std::vector<CompactPart> write_compact(const BinaryTree& tree, std::span<const MeshGeometry> geometry,
                                       ThreadPool* pool);

/// Adds to the links of a node. Roots of parts aside, links never point at node 0.
void relocate(WideNode& node, std::uint32_t node_delta, std::uint32_t leaf_delta);
void relocate(CompactNode& node, std::uint32_t node_delta, std::uint32_t leaf_delta);

}  // namespace oct
