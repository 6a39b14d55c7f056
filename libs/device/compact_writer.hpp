#pragma once
#include <span>

#include "device/mesh_geometry.hpp"
#include "geometry/bvh.hpp"

namespace oct {

/// A tree of compact nodes, numbered from 0, node 0 being its root. Children that are nodes stand side by side.
struct CompactTree {
  std::uint32_t width = kCompactWidth;  ///< 2 or 4 children a node
  LargeArray<Quad> nodes;               ///< CompactNode<width>
  LargeArray<CompactTriangle> triangles;

  std::size_t node_quads() const { return width == 2 ? kCompactNodeQuads<2> : kCompactNodeQuads<4>; }
  std::size_t node_count() const { return nodes.size() / node_quads(); }
};

/// Turns a binary tree into compact nodes. `geometry` is indexed by the primitives' `instance`; a primitive that is
/// an instance becomes a reference to its number. Triangles keep the order of the binary tree; an instance leaves
/// its place among them unused. No walk has more than kCompactMostWaiting children waiting. `pool` may be null.
CompactTree write_compact(const BinaryTree& tree, std::span<const MeshGeometry> geometry, std::uint32_t width,
                          ThreadPool* pool);

/// Copies a tree to a place among others, `nodes` and `triangles` being where that is; the arrays begin
/// `first_node` nodes and `first_triangle` triangles before.
void place_compact(const CompactTree& tree, std::size_t first_node, std::size_t first_triangle, Quad* nodes,
                   CompactTriangle* triangles, ThreadPool& pool);

}  // namespace oct
