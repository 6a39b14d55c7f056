#pragma once
#include <span>

#include "device/mesh_geometry.hpp"
#include "device/wide_plan.hpp"

namespace oct {

/// Writes a binary tree as wide nodes. How much room it takes is known before anything is written, and each
/// thread writes where things stay.
class WideWriter {
 public:
  /// `pool` may be null.
  WideWriter(BinaryTree tree, ThreadPool* pool);

  std::uint32_t node_count() const { return node_count_; }
  std::uint32_t block_count() const { return block_count_; }
  Bounds3 bounds() const { return tree_.nodes[0].bounds; }

  /// Writes the nodes to nodes[first_node] and after, the root first, and the blocks to blocks[first_block] and
  /// after. `geometry` is indexed by the primitives' `instance`; a primitive that is an instance becomes a
  /// reference to its number. `pool` may be null. Gives the binary tree's memory back: no second call.
  void write(std::span<const MeshGeometry> geometry, std::uint32_t first_node, std::uint32_t first_block,
             WideNode* nodes, TriangleBlock* blocks, ThreadPool* pool);

 private:
  /// Where the next node and block go.
  struct Places {
    std::uint32_t node, block;
  };
  /// A wide node that is to be written: for a binary node, into a place.
  struct Pending {
    std::uint32_t binary, place, depth;
  };
  /// A subtree that one thread writes.
  struct Part {
    Pending root;
    Places first;
  };
  struct Target;
  class Subtree;

  BinaryTree tree_;
  WidePlan plan_;
  std::vector<Part> parts_;  ///< places count from the start of the tree
  std::uint32_t node_count_ = 0, block_count_ = 0;
};

}  // namespace oct
