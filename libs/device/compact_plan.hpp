#pragma once
#include <vector>

#include "device/bvh_tree.hpp"
#include "geometry/bvh.hpp"

namespace oct {

/// Children of a compact node, as binary nodes.
struct CompactChildren {
  std::uint32_t count = 0;
  std::uint32_t binary[4] = {};
};

/// Which binary nodes become compact ones, where they go, and which children they have. A node of four takes in the
/// largest of its children's children as long as there is room; boxes that are large are those that rays pass, so
/// that saves most visits. It stops where a walk could not put aside as many.
class CompactPlan {
 public:
  /// `tree` must outlive the plan.
  CompactPlan(const BinaryTree& tree, std::uint32_t width);

  /// Number of compact nodes, and the binary node that each stands for.
  std::size_t node_count() const { return binary_.size(); }
  std::uint32_t binary_of(std::size_t node) const { return binary_[node]; }
  /// The compact node that stands for a binary node, kNone = none does.
  std::uint32_t place_of(std::uint32_t binary) const { return place_[binary]; }
  /// The largest first. A root that is a leaf is its own only child.
  CompactChildren children_of(std::uint32_t binary) const;

 private:
  bool is_leaf(std::uint32_t binary) const { return tree_.nodes[binary].count != 0; }
  void place_children(std::uint32_t node, std::vector<std::uint32_t>* open);
  bool has_room(const CompactChildren& children, std::uint32_t opened, std::uint32_t waiting) const;

  const BinaryTree& tree_;
  std::uint32_t width_;
  std::vector<std::uint8_t> height_;  ///< of a binary node: inner nodes on the longest way down
  std::vector<std::uint8_t>
      waiting_;  ///< of a compact node's binary node: children that may wait when it is visited
  std::vector<std::uint32_t> place_;
  std::vector<std::uint32_t> binary_;
};

}  // namespace oct
