#pragma once
#include "device/bvh_tree.hpp"

namespace oct {

/// Of a wide node.
inline constexpr std::uint32_t kMostChildren = 8;

/// Costs that steer the collapse, relative to each other.
struct CollapseCosts {
  float node;        ///< to test a wide node
  float leaf_group;  ///< to test `group` triangles at once
  std::uint32_t group;
  std::uint32_t most_in_leaf;  ///< triangles
};

/// How a binary tree becomes an 8-wide one of least expected cost (Ylitie et al., HPG 2017, section 3.2).
class CollapsePlan {
 public:
  /// `pool` may be null. `tree` must outlive the plan.
  CollapsePlan(const BinaryTree& tree, const CollapseCosts& costs, ThreadPool* pool);

  /// Whether a binary node is a leaf of the wide tree, and its primitives: `count` from `first`.
  bool is_leaf(std::uint32_t node) const { return choices_[node].leaf; }
  std::uint32_t first_of(std::uint32_t node) const { return choices_[node].first; }
  std::uint32_t count_of(std::uint32_t node) const { return choices_[node].count; }

  /// The children, at most 8, of the wide node that stands for `node`, as binary nodes. Returns how many. A
  /// leaf is its own only child.
  std::uint32_t children_of(std::uint32_t node, std::uint32_t children[kMostChildren]) const;

 private:
  /// A split of a number of wide children between the two binary ones.
  struct Shares {
    std::uint8_t left : 4;
    std::uint8_t right : 4;
  };
  /// What is best for a binary node's subtree. cost[i]: as at most i + 1 wide children of a node above.
  struct Choice {
    float cost[7];
    Shares shares[8];  ///< [i]: when split into at least two and at most i + 1
    std::uint32_t first, count;
    std::uint8_t splits;  ///< bit i: better split than whole, when at most i + 1 are allowed
    bool leaf;
    bool has_instance;
  };

  void choose(std::uint32_t node);
  void choose_leaf(const BinaryNode& binary, Choice& choice) const;
  float leaf_cost(float area, std::uint32_t count) const;
  void collect(std::uint32_t node, std::uint32_t roots, std::uint32_t children[kMostChildren],
               std::uint32_t* count) const;

  const BinaryTree& tree_;
  CollapseCosts costs_;
  LargeArray<Choice> choices_;
};

}  // namespace oct
