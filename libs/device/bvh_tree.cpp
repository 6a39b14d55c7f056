#include "device/bvh_tree.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "device/bvh_split.hpp"
#include "device/pool_loops.hpp"
#include "device/scratch.hpp"
#include "geometry/bvh.hpp"

// From above: big ranges of clusters are split one after the other, with all threads at each; what is left are
// ranges that one thread builds alone, all of them side by side. How many nodes a range will have is known
// before it is split, so each is written where it stays.

namespace oct {
namespace {

constexpr std::uint32_t kAloneUpTo = 4096;    ///< clusters of ranges that one thread builds
constexpr std::uint32_t kCancelRange = 1024;  ///< how often a thread looks for a stop request

/// Where a tree is written.
struct TreeOutput {
  const ClusterForest& forest;
  PrimitiveId* primitives;
  BinaryNode* nodes;
};

BinaryNode inner_node(const ClusterRange& range, std::uint32_t first_child) {
  return {to_bounds(range.info.bounds), first_child, 0};
}

/// Copies a cluster's tree: its root to the node of the range, the nodes below it to `next`.
std::uint32_t write_cluster(const Cluster& cluster, const ClusterRange& range, std::uint32_t next,
                            TreeOutput& output) {
  const ClusterRecord& record = output.forest.records[cluster.record];
  const std::uint32_t below = 2 * cluster.leaves() - 2;
  const std::uint32_t node_shift = next - record.first_node;
  const std::uint32_t primitive_shift = range.first_primitive - record.first_primitive;
  output.nodes[range.node] = {{cluster.lo, cluster.hi},
                              below == 0 ? range.first_primitive : next,
                              below == 0 ? cluster.primitives() : 0};
  for (std::uint32_t i = 0; i < below; ++i) {
    BinaryNode node = output.forest.nodes[record.first_node + i];
    node.first += node.count == 0 ? node_shift : primitive_shift;
    output.nodes[next + i] = node;
  }
  std::copy_n(output.forest.primitives.data() + record.first_primitive, cluster.primitives(),
              output.primitives + range.first_primitive);
  return next + below;
}

/// What a thread that builds needs beside its range.
struct BuildScratch {
  std::vector<Cluster> clusters;
  std::vector<ClusterRange> waiting;
};

/// Builds the subtree of `root`, whose nodes but the first go to `next` and after. False after a stop request.
bool build_alone(Cluster* clusters, const ClusterRange& root, std::uint32_t next, TreeOutput output,
                 BuildScratch& scratch, const std::stop_token& stop) {
  scratch.clusters.resize(std::max<std::size_t>(scratch.clusters.size(), root.size()));
  std::vector<ClusterRange>& waiting = scratch.waiting;
  waiting.assign(1, root);
  while (!waiting.empty()) {
    const ClusterRange range = waiting.back();
    waiting.pop_back();
    if (range.size() == 1) {
      next = write_cluster(clusters[range.begin], range, next, output);
      continue;
    }
    if (range.size() > kCancelRange && stop.stop_requested()) return false;
    ClusterHalves halves = split_serially(clusters, scratch.clusters.data(), range);
    output.nodes[range.node] = inner_node(range, next);
    halves.left.node = next++;
    halves.right.node = next++;
    waiting.push_back(halves.right);
    waiting.push_back(halves.left);
  }
  return true;
}

/// The top of a tree and the ranges below it.
struct TreeTop {
  std::vector<BinaryNode> nodes;
  std::vector<ClusterRange> below;
};

/// Splits until all ranges are small enough for one thread. False after a stop request.
bool split_top(LargeArray<Cluster>& clusters, const ClusterRange& root, ThreadPool* pool, TreeTop* top,
               const std::stop_token& stop, std::atomic<std::uint64_t>& progress) {
  const bool together = pool != nullptr && root.size() > kAloneUpTo;
  LargeArray<Cluster> scratch(together ? clusters.size() : 0);
  std::vector<ClusterRange> waiting{root};
  top->nodes.resize(1);
  while (!waiting.empty()) {
    const ClusterRange range = waiting.back();
    waiting.pop_back();
    if (!together || range.size() <= kAloneUpTo) {
      top->below.push_back(range);
      continue;
    }
    if (stop.stop_requested()) return false;
    ++progress;
    ClusterHalves halves = split_together(clusters.data(), scratch.data(), range, *pool);
    const auto first = static_cast<std::uint32_t>(top->nodes.size());
    top->nodes.resize(first + 2);
    top->nodes[range.node] = inner_node(range, first);
    halves.left.node = first;
    halves.right.node = first + 1;
    waiting.push_back(halves.right);
    waiting.push_back(halves.left);
  }
  return true;
}

ClusterRange whole(const LargeArray<Cluster>& clusters) {
  ClusterRange range{0, static_cast<std::uint32_t>(clusters.size()), 0, 0, 0, {}};
  for (std::size_t i = 0; i < clusters.size(); ++i) range.info.add(clusters[i]);
  return range;
}

Error cancelled() {
  return {ErrorKind::cancelled, "build cancelled"};
}

}  // namespace

Result<BinaryTree> build_binary_tree(LargeArray<BvhPrimitive> primitives, ThreadPool* pool,
                                     std::stop_token stop, std::atomic<std::uint64_t>& progress) {
  OCT_TRY_ASSIGN(ClusterForest forest, make_clusters(std::move(primitives), pool, stop, progress));
  TreeTop top;
  if (!split_top(forest.clusters, whole(forest.clusters), pool, &top, stop, progress))
    return fail(cancelled());

  BinaryTree tree;
  tree.pieces.push_back(static_cast<std::uint32_t>(top.nodes.size()));
  for (const ClusterRange& range : top.below)
    tree.pieces.push_back(tree.pieces.back() + 2 * range.info.sums.leaves - 2);
  tree.primitives = LargeArray<PrimitiveId>(forest.primitives.size());
  tree.nodes = LargeArray<BinaryNode>::in_memory_of(std::move(forest.spare), tree.pieces.back());
  std::copy(top.nodes.begin(), top.nodes.end(), tree.nodes.data());
  std::atomic<bool> stopped{false};
  Scratch<BuildScratch> scratch;
  for_each(pool, top.below.size(), [&](std::size_t i) {
    const TreeOutput output{forest, tree.primitives.data(), tree.nodes.data()};
    const bool done = !stop.stop_requested() && scratch.lend([&](BuildScratch& mine) {
      return build_alone(forest.clusters.data(), top.below[i], tree.pieces[i], output, mine, stop);
    });
    if (!done) stopped = true;
    ++progress;
  });
  if (stopped) return fail(cancelled());
  return tree;
}

}  // namespace oct
