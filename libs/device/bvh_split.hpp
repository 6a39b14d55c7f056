#pragma once
#include "device/boxes.hpp"
#include "device/bvh_clusters.hpp"

// How a range of clusters is cut in two.

namespace oct {

/// What must be known of a range before it is split.
struct RangeInfo {
  Box bounds;
  Box centres;

  void add(const Cluster& cluster) {
    bounds.add(box_of(cluster));
    const Float4 centre = centre_of(cluster);
    centres.add(centre, centre);
  }
  void add(const RangeInfo& other) {
    bounds.add(other.bounds);
    centres.add(other.centres);
  }
};

/// Consecutive clusters that become the subtree at a node.
struct ClusterRange {
  std::uint32_t begin, end;
  std::uint32_t node;  ///< where its root goes
  std::uint32_t depth;
  RangeInfo info;

  std::uint32_t size() const { return end - begin; }
  bool must_halve() const;
};

/// Left and right of a split range; nodes are numbered by the caller.
struct ClusterHalves {
  ClusterRange left, right;
};

/// Splits a range of two clusters or more by the surface area heuristic, reordering its clusters. Exactly for
/// few, over bins for more. `scratch` has room for the range, or for one more than it needs on the right.
ClusterHalves split_serially(Cluster* clusters, Cluster* scratch, const ClusterRange& range);

/// The same with all threads. `scratch` has room for all clusters.
ClusterHalves split_together(Cluster* clusters, Cluster* scratch, const ClusterRange& range,
                             ThreadPool& pool);

}  // namespace oct
