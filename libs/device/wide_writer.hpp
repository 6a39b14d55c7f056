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
  /// A wide node that is to be laid out: for a binary node, into a place.
  struct Pending {
    std::uint32_t binary, place, depth;
  };
  /// A wide node before it is written. Places count from the start of the part, or of the tree for its top.
  struct Layout {
    std::uint32_t place;
    std::uint32_t child_count;
    std::uint32_t children[kBvhWidth];  ///< binary nodes
    std::uint32_t refs[kBvhWidth];
    std::uint32_t primitives[kBvhWidth];  ///< of blocks: the first, and from bit kRefCountShift how many more

    void copy_child(const Layout& other, std::uint32_t from, std::uint32_t to) {
      children[to] = other.children[from];
      refs[to] = other.refs[from];
      primitives[to] = other.primitives[from];
    }
  };
  /// The top of the tree, or a subtree that one thread lays out and writes.
  struct Part {
    Pending root;
    Places first = {0, 0};
    Places size = {0, 0};
    std::vector<Layout> nodes = {};
    std::uint32_t triangles = 0;
  };
  struct Target;
  class Discarder;

  void lay_out(const WidePlan& plan, std::uint32_t leave_from, Part* part, std::vector<Part>* left) const;
  void lay_out_child(const WidePlan& plan, std::uint32_t slot, Layout* layout, Places* next) const;
  static std::uint32_t triangles_of(const Layout& layout, std::uint32_t slot,
                                    const std::vector<std::uint32_t>& triangles);
  void order_children(std::vector<std::uint32_t> triangles, Part* part) const;
  void write_part(const Part& part, const Target& target) const;
  void write_node(const Layout& layout, const Part& part, const Target& target) const;
  void write_block(std::uint32_t primitives, const Target& target, TriangleBlock* block) const;
  void fetch_triangles(const Layout& layout, const Target& target) const;

  BinaryTree tree_;
  /// The first is the top, and roots of others are in places of the top; those are in the order of the tree.
  std::vector<Part> parts_;
  std::uint32_t node_count_ = 0, block_count_ = 0;
};

}  // namespace oct
