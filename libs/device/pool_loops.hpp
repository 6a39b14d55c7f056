#pragma once
#include <cstddef>

#include "base/thread_pool.hpp"

// Loops over a pool that may be absent: then the calling thread does it all.

namespace oct {

/// Items that a thread takes at a time where an item is a few nanoseconds of work.
inline constexpr std::size_t kItemsPerPiece = 8192;

template <class Body>
void for_each(ThreadPool* pool, std::size_t count, const Body& body) {
  if (pool != nullptr && count > 1) {
    pool->for_each(count, body);
  } else {
    for (std::size_t i = 0; i < count; ++i) body(i);
  }
}

/// Calls body(begin, end) for consecutive pieces of [0, count).
template <class Body>
void in_pieces(ThreadPool* pool, std::size_t count, const Body& body) {
  if (pool != nullptr && count > kItemsPerPiece) {
    pool->for_ranges(count, kItemsPerPiece, body);
  } else if (count > 0) {
    body(0, count);
  }
}

}  // namespace oct
