#pragma once
#include <atomic>
#include <stop_token>

#include "base/thread_pool.hpp"
#include "device/bvh_links.hpp"

namespace oct {

/// Takes large subtrees from where they are and puts each where it adds the least surface, a few times over (after Meister
/// and Bittner, "Parallel Reinsertion for Bounding Volume Hierarchy Optimization", 2018). What splitting from above decides
/// early, with little knowledge of what is inside, is mended by this. The result is the same with any number of
/// threads; `pool` may be null. False after a stop request; the tree is a valid one then, too.
bool reinsert_subtrees(LinkedTree& tree, ThreadPool* pool, const std::stop_token& stop,
                       std::atomic<std::uint64_t>& progress);

}  // namespace oct
