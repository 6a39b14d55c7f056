#pragma once
#include <emmintrin.h>

#include <memory>
#include <vector>

#include "device/bvh_tree.hpp"
#include "geometry/wide_tree.hpp"

namespace oct {

/// Which nodes of a binary tree become nodes and leaves of the wide one, such that it has the least expected
/// cost (after Ylitie, Karras, Laine, "Efficient Incoherent Ray Traversal on GPUs Through Compressed Wide
/// BVHs", 2017, section 3.2).
class WidePlan {
 public:
  /// `pool` may be null. `tree` must outlive the plan; it may move.
  WidePlan(const BinaryTree& tree, ThreadPool* pool);

  /// Whether a binary node is a leaf of the wide tree.
  bool is_leaf(std::uint32_t node) const { return (choices_[node].state & kLeaf) != 0; }

  /// The children of the wide node that stands for `node`, as binary nodes. Returns how many, at most
  /// kBvhWidth. A leaf is its own only child.
  std::uint32_t children_of(const BinaryTree& tree, std::uint32_t node,
                            std::uint32_t children[kBvhWidth]) const;

 private:
  enum : std::uint8_t { kCountMask = 7, kLeaf = 8, kHasInstance = 16 };

  /// What is best for a binary node's subtree, as at most some number of wide children of a node above.
  struct Choice {
    std::uint8_t splits;  ///< bit i: better split than whole, when at most i + 1 are allowed
    std::uint8_t state;   ///< primitives, up to kCountMask, kLeaf, kHasInstance
    std::uint8_t
        shares[6];  ///< [i - 2]: when split into at most i + 1, the left child gets this and one more
  };
  struct Costs;
  struct CostTable;

  void choose(const BinaryTree& tree, std::uint32_t node, const CostTable& costs);
  void decide(const BinaryTree& tree, std::uint32_t node, __m128 lower, __m128 upper, Costs& costs);
  void choose_leaf(const BinaryTree& tree, std::uint32_t node, Costs& costs);
  void collect(const BinaryTree& tree, std::uint32_t node, std::uint32_t roots, std::uint32_t* children,
               std::uint32_t* count) const;

  float per_area_ = 1.0f;
  LargeArray<Choice> choices_;
};

}  // namespace oct
