#pragma once
#include "device/bvh_clusters.hpp"
#include "device/bvh_links.hpp"

namespace oct {

/// Puts clusters' trees in place of the leaves of a tree over them, which are numbered as they are in `forest`, and
/// brings all nodes into the order that BinaryTree asks for. `pool` may be null, to the same result.
BinaryTree finish_tree(const LinkedTree& tree, ClusterForest forest, ThreadPool* pool);

}  // namespace oct
