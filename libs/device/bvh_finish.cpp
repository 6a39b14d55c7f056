#include "device/bvh_finish.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "geometry/bvh.hpp"

namespace oct {
namespace {

constexpr std::uint32_t kLeavesAlone = 8192;  ///< of a subtree that one thread writes, at most

/// What is below a node, down to primitives.
struct Sizes {
  std::uint32_t leaves, primitives;
};

/// A subtree, and where it goes.
struct Part {
  std::uint32_t root;   ///< a linked node
  std::uint32_t place;  ///< of the root
  std::uint32_t first_primitive;
  std::uint32_t first_node = 0;  ///< of those below the root
};

class Finisher {
 public:
  Finisher(const LinkedTree& tree, const ClusterForest& forest, ThreadPool* pool)
      : tree_(tree), forest_(forest), sizes_(tree.size()) {
    tree.visit_from_leaves(pool, [this](std::uint32_t node) { sizes_[node] = sizes_of(tree_[node]); });
  }

  std::size_t node_count() const { return 2 * std::size_t{sizes_[LinkedTree::kRoot].leaves} - 1; }

  void write(BinaryTree& result, ThreadPool* pool) const {
    const std::vector<Part> parts = write_top(result);
    for_each(pool, parts.size(), [&](std::size_t i) { write_part(parts[i], result); });
  }

 private:
  Sizes sizes_of(const LinkedNode& node) const {
    if (node.is_leaf != 0) {
      const Cluster& cluster = forest_.clusters[node.first];
      return {cluster.leaves(), cluster.primitives()};
    }
    const Sizes &left = sizes_[node.first], &right = sizes_[node.first + 1];
    return {left.leaves + right.leaves, left.primitives + right.primitives};
  }

  /// The child with less surface for each of its primitives. Rays that ask for any hit take the right one first, and
  /// large triangles among few others block most of them.
  std::uint32_t left_of(const LinkedNode& node) const {
    const std::uint32_t first = node.first, second = first + 1;
    const auto surface = [this](std::uint32_t child, std::uint32_t weight) {
      return half_area(box_of(tree_[child])) * static_cast<float>(sizes_[weight].primitives);
    };
    return surface(first, second) > surface(second, first) ? second : first;
  }

  /// Writes the nodes with many leaves; returns the subtrees below them, whose pieces follow each other.
  std::vector<Part> write_top(BinaryTree& result) const {
    std::vector<Part> parts, waiting{{LinkedTree::kRoot, 0, 0}};
    std::uint32_t next = 1;
    while (!waiting.empty()) {
      const Part part = waiting.back();
      waiting.pop_back();
      const LinkedNode& node = tree_[part.root];
      if (sizes_[part.root].leaves <= kLeavesAlone || node.is_leaf != 0) {
        parts.push_back(part);
        continue;
      }
      result.nodes[part.place] = {{node.lo, node.hi}, next, 0};
      const std::uint32_t left = left_of(node), right = LinkedTree::sibling_of(left);
      waiting.push_back({right, next + 1, part.first_primitive + sizes_[left].primitives});
      waiting.push_back({left, next, part.first_primitive});
      next += 2;
    }
    for (Part& part : parts) {
      part.first_node = next;
      result.pieces.push_back(next);
      next += 2 * sizes_[part.root].leaves - 2;
    }
    result.pieces.push_back(next);
    return parts;
  }

  void write_part(const Part& part, BinaryTree& result) const {
    std::vector<Part> waiting{part};
    std::uint32_t next = part.first_node;
    while (!waiting.empty()) {
      const Part item = waiting.back();
      waiting.pop_back();
      const LinkedNode& node = tree_[item.root];
      if (node.is_leaf != 0) {
        next = write_cluster(forest_.clusters[node.first], item, next, result);
        continue;
      }
      result.nodes[item.place] = {{node.lo, node.hi}, next, 0};
      const std::uint32_t left = left_of(node), right = LinkedTree::sibling_of(left);
      waiting.push_back({right, next + 1, item.first_primitive + sizes_[left].primitives});
      waiting.push_back({left, next, item.first_primitive});
      next += 2;
    }
  }

  /// Copies a cluster's tree, the nodes below its root to `next`; returns what follows them.
  std::uint32_t write_cluster(const Cluster& cluster, const Part& part, std::uint32_t next,
                              BinaryTree& result) const {
    const ClusterRecord& record = forest_.records[cluster.record];
    const std::uint32_t below = 2 * cluster.leaves() - 2;
    const std::uint32_t node_shift = next - record.first_node;
    const std::uint32_t primitive_shift = part.first_primitive - record.first_primitive;
    result.nodes[part.place] = {{cluster.lo, cluster.hi},
                                below == 0 ? part.first_primitive : next,
                                below == 0 ? cluster.primitives() : 0};
    for (std::uint32_t i = 0; i < below; ++i) {
      BinaryNode node = forest_.nodes[record.first_node + i];
      node.first += node.count == 0 ? node_shift : primitive_shift;
      result.nodes[next + i] = node;
    }
    std::copy_n(forest_.primitives.data() + record.first_primitive, cluster.primitives(),
                result.primitives.data() + part.first_primitive);
    return next + below;
  }

  const LinkedTree& tree_;
  const ClusterForest& forest_;
  LargeArray<Sizes> sizes_;
};

}  // namespace

BinaryTree finish_tree(const LinkedTree& tree, ClusterForest forest, ThreadPool* pool) {
  const Finisher finisher(tree, forest, pool);
  BinaryTree result;
  result.primitives = LargeArray<PrimitiveId>(forest.primitives.size());
  result.nodes = LargeArray<BinaryNode>::in_memory_of(std::move(forest.spare), finisher.node_count());
  finisher.write(result, pool);
  return result;
}

}  // namespace oct
