#pragma once
#include <atomic>
#include <cstdint>
#include <vector>

#include "device/boxes.hpp"
#include "device/large_array.hpp"
#include "device/pool_loops.hpp"

// A binary tree whose nodes know their parents, so that subtrees can be moved about.

namespace oct {

/// Half a cache line, which it shares with its sibling.
struct alignas(32) LinkedNode {
  Vec3 lo;
  std::uint32_t first;  ///< the first of two children, an even number; or the number of a leaf
  Vec3 hi;
  std::uint16_t is_leaf;
  std::uint16_t height;  ///< nodes on the longest way down, without this one
};

/// A binary tree that can be changed. Node 0 is the root, node 1 is nothing; others come in pairs of siblings, the first
/// of which has an even number. Many threads may look at it while none changes it.
class LinkedTree {
 public:
  /// Room for `leaves` > 0 leaves; all nodes are undefined. No leaf will be deeper than `most_depth`, up to 64.
  LinkedTree(std::uint32_t leaves, std::uint32_t most_depth)
      : nodes_(2 * std::size_t{leaves}), parents_(leaves), most_depth_(most_depth) {
    nodes_[1] = {{}, 0, {}, 1, 0};
    parents_[0] = kRoot;
  }

  static constexpr std::uint32_t kRoot = 0;
  static std::uint32_t sibling_of(std::uint32_t node) { return node ^ 1; }

  std::uint32_t size() const { return static_cast<std::uint32_t>(nodes_.size()); }  ///< with node 1
  const LinkedNode& operator[](std::uint32_t node) const { return nodes_[node]; }
  std::uint32_t parent_of(std::uint32_t node) const {
    return parents_[node / 2];
  }  ///< the root's is the root

  /// Defines a node. Any thread, another node each; then set_height() from the leaves up.
  void set_leaf(std::uint32_t node, const Box& box, std::uint32_t number) {
    nodes_[node] = {to_vec3(box.lo), number, to_vec3(box.hi), 1, 0};
  }
  void set_inner(std::uint32_t node, const Box& box, std::uint32_t first_child) {
    nodes_[node] = {to_vec3(box.lo), first_child, to_vec3(box.hi), 0, 0};
    parents_[first_child / 2] = node;
  }
  void set_height(std::uint32_t node);

  /// What gain_of() says of a move that would make no tree.
  static constexpr float kImpossible = -kInfinity;

  /// By how much the sum of all nodes' half surfaces falls if subtree `moved` goes beside `target`. kImpossible if either
  /// is the root, the target is in the subtree, its parent or its sibling, the parent is the root, or a leaf would be
  /// too deep. Not a number where surfaces overflow.
  float gain_of(std::uint32_t moved, std::uint32_t target) const;

  /// Takes a subtree from where it is and makes it the sibling of `target`, which must be possible. Three other nodes
  /// get new numbers: the former sibling that of the parent, the target that of the former sibling, and the new
  /// parent that of the target. Boxes and heights are right afterwards.
  void move(std::uint32_t moved, std::uint32_t target);

  /// Calls visit(node) for each node after its children. `pool` may be null; its threads share the work.
  template <class Visit>
  void visit_from_leaves(ThreadPool* pool, const Visit& visit) const;

 private:
  struct Ancestors;

  float saved_below(const Ancestors& from, std::uint32_t count, std::uint32_t moved, Box* without) const;
  void put(const LinkedNode& node, std::uint32_t place);
  void refit_from(std::uint32_t node);

  LargeArray<LinkedNode> nodes_;
  LargeArray<std::uint32_t> parents_;  ///< of pairs
  std::uint32_t most_depth_;
};

template <class Visit>
void LinkedTree::visit_from_leaves(ThreadPool* pool, const Visit& visit) const {
  std::vector<std::atomic<std::uint8_t>> half_done(nodes_.size() / 2);
  in_pieces(pool, nodes_.size(), [&](std::size_t begin, std::size_t end) {
    for (auto leaf = static_cast<std::uint32_t>(begin); leaf < end; ++leaf) {
      if (nodes_[leaf].is_leaf == 0 || leaf == kRoot + 1) continue;
      visit(leaf);
      // who is done with the second of a pair goes on to the parent
      for (std::uint32_t node = leaf;
           node != kRoot && half_done[node / 2].exchange(1, std::memory_order_acq_rel) != 0;) {
        node = parent_of(node);
        visit(node);
      }
    }
  });
}

}  // namespace oct
