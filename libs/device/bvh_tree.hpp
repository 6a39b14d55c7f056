#pragma once
#include <atomic>
#include <cstdint>
#include <stop_token>
#include <vector>

#include "base/result.hpp"
#include "base/thread_pool.hpp"
#include "data/types.hpp"
#include "device/large_array.hpp"

namespace oct {

/// What a tree is built over: the box of a triangle or of an instance. Two aligned groups of four words.
struct alignas(16) BvhPrimitive {
  Vec3 lo;
  std::uint32_t instance;  ///< of the triangle; for an instance its number among the tree's instances
  Vec3 hi;
  std::uint32_t primitive;  ///< kNone for an instance
};

inline bool is_instance(const BvhPrimitive& primitive) {
  return primitive.primitive == kNone;
}

/// A primitive without its box, as the finished tree holds it.
struct PrimitiveId {
  std::uint32_t instance;
  std::uint32_t primitive;
};

inline bool is_instance(const PrimitiveId& primitive) {
  return primitive.primitive == kNone;
}

/// Where children are ordered by their triangles, an instance counts as so many: to enter one is dear.
inline constexpr std::uint32_t kTrianglesOfInstance = 64;

/// A binary node: `count` primitives from `first`, or two children `first` and `first + 1` and count 0.
struct BinaryNode {
  Bounds3 bounds;
  std::uint32_t first;
  std::uint32_t count;
};

/// A binary tree over primitives in its order; nodes[0] is the root, children come after their parents. Each
/// node's primitives are consecutive, the left child's first. A leaf holds at most kMostInLeaf triangles, or
/// one instance. This is where the writers of all formats meet the builders: whoever keeps to it may build
/// trees (TreeMaker), whoever relies on no more may write them. Boxes of primitives are gone by then.
struct BinaryTree {
  LargeArray<PrimitiveId> primitives;
  LargeArray<BinaryNode> nodes;
  /// Nodes from pieces[i] to pieces[i + 1] have all their children in the same piece, and together one parent,
  /// whose children are the first two of them; those before pieces[0] are above the pieces. May be empty.
  std::vector<std::uint32_t> pieces = {};
};

inline constexpr std::uint32_t kMostInLeaf = 4;

/// Builds bottom up first, then splits what came of it from above by the surface area heuristic. The result
/// depends on the primitives alone, not on the number of threads. No leaf is deeper than kBvhMostDepth.
/// primitives.size() > 0. `pool` may be null: then the calling thread does it all, to the same result up to
/// the order of nodes. Returns `cancelled` after a stop request.
Result<BinaryTree> build_binary_tree(LargeArray<BvhPrimitive> primitives, ThreadPool* pool,
                                     std::stop_token stop, std::atomic<std::uint64_t>& progress);

}  // namespace oct
