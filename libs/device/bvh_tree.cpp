#include "device/bvh_tree.hpp"

#include <algorithm>

#include "device/bvh_finish.hpp"
#include "device/bvh_reinsertion.hpp"
#include "device/bvh_split.hpp"
#include "device/pool_loops.hpp"
#include "device/scratch.hpp"
#include "geometry/bvh.hpp"

// From above: big ranges of clusters are split one after the other, with all threads at each; what is left are
// ranges that one thread splits alone, all of them side by side. How many nodes a range will have is known
// before it is split, so each is written where it stays.

namespace oct {
namespace {

constexpr std::uint32_t kAloneUpTo = 4096;    ///< clusters of ranges that one thread splits
constexpr std::uint32_t kCancelRange = 1024;  ///< how often a thread looks for a stop request

Error cancelled() {
  return {ErrorKind::cancelled, "build cancelled"};
}

/// Splits all clusters of a scene.
class Splitter {
 public:
  Splitter(LargeArray<Cluster>& clusters, ThreadPool* pool, const std::stop_token& stop,
           std::atomic<std::uint64_t>& progress)
      : clusters_(clusters),
        tree_(static_cast<std::uint32_t>(clusters.size()), kBvhMostDepth - kClusterRounds),
        pool_(pool),
        stop_(stop),
        progress_(progress) {}

  Result<LinkedTree> split() {
    if (!split_top()) return fail(cancelled());
    std::atomic<bool> stopped{false};
    Scratch<SplitScratch> scratch;
    for_each(pool_, below_.size(), [&](std::size_t i) {
      const bool done = !stop_.stop_requested() &&
                        scratch.lend([&](SplitScratch& mine) { return split_alone(below_[i], mine); });
      if (!done) stopped = true;
      ++progress_;
    });
    if (stopped) return fail(cancelled());
    for (auto node = top_.rbegin(); node != top_.rend(); ++node) tree_.set_height(*node);
    return std::move(tree_);
  }

 private:
  /// A range whose subtree one thread makes, and where the nodes below its root go.
  struct Below {
    ClusterRange range;
    std::uint32_t first_node;
  };

  /// What a thread needs beside its range.
  struct SplitScratch {
    std::vector<Cluster> clusters;
    std::vector<ClusterRange> waiting;
  };

  ClusterRange whole() const {
    ClusterRange range{0, static_cast<std::uint32_t>(clusters_.size()), LinkedTree::kRoot, 0, {}};
    for (std::size_t i = 0; i < clusters_.size(); ++i) range.info.add(clusters_[i]);
    return range;
  }

  /// Splits until all ranges are small enough for one thread. False after a stop request.
  bool split_top() {
    const ClusterRange root = whole();
    const bool together = pool_ != nullptr && root.size() > kAloneUpTo;
    LargeArray<Cluster> scratch(together ? clusters_.size() : 0);
    std::vector<ClusterRange> waiting{root};
    std::uint32_t next = 2;
    while (!waiting.empty()) {
      const ClusterRange range = waiting.back();
      waiting.pop_back();
      if (!together || range.size() <= kAloneUpTo) {
        below_.push_back({range, 0});
        continue;
      }
      if (stop_.stop_requested()) return false;
      ++progress_;
      put_halves(range, split_together(clusters_.data(), scratch.data(), range, *pool_), next, &waiting);
      top_.push_back(range.node);
      next += 2;
    }
    for (Below& below : below_) {
      below.first_node = next;
      next += 2 * below.range.size() - 2;
    }
    return true;
  }

  /// Makes the subtree of a range. False after a stop request.
  bool split_alone(const Below& below, SplitScratch& scratch) {
    const std::uint32_t size = below.range.size();
    scratch.clusters.resize(std::max<std::size_t>(scratch.clusters.size(), size));
    std::vector<ClusterRange>& waiting = scratch.waiting;
    waiting.assign(1, below.range);
    std::uint32_t next = below.first_node;
    while (!waiting.empty()) {
      const ClusterRange range = waiting.back();
      waiting.pop_back();
      if (range.size() == 1) {
        tree_.set_leaf(range.node, range.info.bounds, range.begin);
        continue;
      }
      if (range.size() > kCancelRange && stop_.stop_requested()) return false;
      put_halves(range, split_serially(clusters_.data(), scratch.clusters.data(), range), next, &waiting);
      next += 2;
    }
    while (next-- > below.first_node) tree_.set_height(next);
    tree_.set_height(below.range.node);
    return true;
  }

  /// Writes a range's node; its halves wait, the left one first, with nodes from `next` on.
  void put_halves(const ClusterRange& range, ClusterHalves halves, std::uint32_t next,
                  std::vector<ClusterRange>* waiting) {
    tree_.set_inner(range.node, range.info.bounds, next);
    halves.left.node = next;
    halves.right.node = next + 1;
    waiting->push_back(halves.right);
    waiting->push_back(halves.left);
  }

  LargeArray<Cluster>& clusters_;
  LinkedTree tree_;
  ThreadPool* const pool_;
  const std::stop_token& stop_;
  std::atomic<std::uint64_t>& progress_;
  std::vector<std::uint32_t> top_;  ///< nodes above all of below_, parents first
  std::vector<Below> below_;
};

}  // namespace

Result<BinaryTree> build_binary_tree(LargeArray<BvhPrimitive> primitives, ThreadPool* pool,
                                     std::stop_token stop, std::atomic<std::uint64_t>& progress) {
  OCT_TRY_ASSIGN(ClusterForest forest, make_clusters(std::move(primitives), pool, stop, progress));
  OCT_TRY_ASSIGN(LinkedTree tree, Splitter(forest.clusters, pool, stop, progress).split());
  if (!reinsert_subtrees(tree, pool, stop, progress)) return fail(cancelled());
  return finish_tree(tree, std::move(forest), pool);
}

}  // namespace oct
