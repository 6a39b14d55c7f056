#pragma once
#include <atomic>
#include <cstddef>

#include "base/thread_pool.hpp"

namespace oct {

/// body(index) for each index, on all threads if there is a pool.
template <class Body>
void for_each_index(ThreadPool* pool, std::size_t count, Body&& body) {
  if (pool != nullptr) {
    pool->for_each(count, body);
  } else {
    for (std::size_t i = 0; i < count; ++i) body(i);
  }
}

/// The lowest index for which good(index) is false, or count.
template <class Good>
std::size_t first_bad(ThreadPool* pool, std::size_t count, Good&& good) {
  std::atomic<std::size_t> lowest{count};
  const auto search = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end && i < lowest.load(std::memory_order_relaxed); ++i) {
      if (good(i)) continue;
      std::size_t known = lowest.load();
      while (i < known && !lowest.compare_exchange_weak(known, i)) {
      }
    }
  };
  if (pool != nullptr) {
    pool->for_ranges(count, 16384, search);
  } else {
    search(0, count);
  }
  return lowest.load();
}

}  // namespace oct
