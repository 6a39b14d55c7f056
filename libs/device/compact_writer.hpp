#pragma once
#include "device/tree_writer.hpp"
#include "geometry/compact_tree.hpp"

namespace oct {

using CompactPart = TreePart<CompactNode, CompactTriangle>;

/// Turns a binary tree into compact nodes. `geometry` is indexed by the primitives' `instance`; a primitive that is
/// an instance becomes a reference to its number. `pool` may be null.
std::vector<CompactPart> write_compact(const BinaryTree& tree, std::span<const MeshGeometry> geometry,
                                       ThreadPool* pool);

/// Adds to the links of a node. Roots of parts aside, links never point at node 0.
void relocate(CompactNode& node, std::uint32_t node_delta, std::uint32_t leaf_delta);

}  // namespace oct
