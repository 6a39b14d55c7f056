#pragma once
#include <atomic>
#include <vector>

#include "base/thread_pool.hpp"
#include "device/bvh_tree.hpp"

// Small trees made bottom up, which the splitting from above takes as its primitives.

namespace oct {

/// Rounds of joining; so deep is a cluster's tree at most, and so many primitives it has at most, as a power of 2.
inline constexpr std::uint32_t kClusterRounds = 5;

/// A small tree: its box and what it holds. Two aligned groups of four words.
struct alignas(16) Cluster {
  Vec3 lo;
  std::uint32_t record;  ///< into ClusterForest::records
  Vec3 hi;
  std::uint32_t counts;  ///< see below

  std::uint32_t primitives() const { return counts & 0xff; }
  std::uint32_t leaves() const { return counts >> 8 & 0xff; }
  std::uint32_t instances() const { return counts >> 16; }
};

inline std::uint32_t cluster_counts(std::uint32_t primitives, std::uint32_t leaves, std::uint32_t instances) {
  return primitives | leaves << 8 | instances << 16;
}

/// Where a cluster's parts lie.
struct ClusterRecord {
  std::uint32_t first_node;  ///< of the 2 * leaves - 2 nodes below its root: the root's children come first
  std::uint32_t first_primitive;
};

/// All clusters of a scene.
struct ClusterForest {
  LargeArray<Cluster> clusters;
  LargeArray<ClusterRecord> records;
  /// Links count from the start of this array, leaves from that of `primitives`.
  LargeArray<BinaryNode> nodes;
  LargeArray<PrimitiveId> primitives;  ///< in the order of clusters and their leaves
  LargeArray<BvhPrimitive> spare;      ///< memory that is no longer needed
};

/// Joins neighbours on the curve that share the least surface, round by round (after Meister and Bittner,
/// "Parallel Locally-Ordered Clustering", 2018), in chunks of the curve that fit the cache. `cancelled` after a
/// stop request. The same result with any number of threads.
Result<ClusterForest> make_clusters(LargeArray<BvhPrimitive> primitives, ThreadPool* pool,
                                    const std::stop_token& stop, std::atomic<std::uint64_t>& progress);

}  // namespace oct
