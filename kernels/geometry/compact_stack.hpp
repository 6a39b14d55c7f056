#pragma once
#include <type_traits>

#include "geometry/bvh.hpp"

// Children that wait while a ray is elsewhere in its trees, the one to take next on top. How many there are is
// counted by whoever walks, in a register: an array that is indexed at run time keeps what lies beside it out of them.

namespace oct::inline OCT_ISA {

/// One that a closest-hit query may not need any more when its turn comes.
struct alignas(8) WaitingCompact {
  float near;  ///< where the ray enters its box; -infinity for marks
  u32 child;
};

/// So many entries of each thread, the lowest, may lie in the memory that the threads of a block share, where no visit
/// looks for a cache line: with 12, 98 % of all do. It costs 7 % more instructions to choose between two memories, and
/// 12 kB a block that the cache could have. Which is dearer has to be measured; 0 keeps all entries in each thread's
/// own memory.
inline constexpr u32 kNearbyEntries = 0;
/// Threads of a block that traces. Their nearby entries of one depth lie side by side.
inline constexpr u32 kTracingThreads = 128;

/// A stack's memory: `rest` has kCompactStackSize entries, `nearby` is this thread's first one. Any hit ends a query
/// that is not ordered: all that it has put aside stays worth a visit.
template <bool kOrdered, u32 kNearby = kNearbyEntries>
struct CompactStack {
  using Entry = std::conditional_t<kOrdered, WaitingCompact, u32>;
  Entry* rest;
  Entry* nearby;

  OCT_HD void push(u32& size, float near, u32 child) const { push_if(true, size, near, child); }

  /// Without a branch: the place above the top is written in any case.
  OCT_HD void push_if(bool wanted, u32& size, float near, u32 child) const {
    if (is_nearby(size)) {
      nearby[size * kTracingThreads] = entry_of(near, child);
    } else {
      rest[size] = entry_of(near, child);
    }
    size += wanted ? 1u : 0u;
  }

  /// Whether so many entries more lie among the nearby ones.
  OCT_HD static bool has_nearby_room(u32 size, u32 more) { return size + more <= kNearby; }

  /// The same as push_if where there is nearby room.
  OCT_HD void push_nearby_if(bool wanted, u32& size, float near, u32 child) const {
    nearby[size * kTracingThreads] = entry_of(near, child);
    size += wanted ? 1u : 0u;
  }

  /// The next child that is entered no later than `upper`. There must be a mark below.
  OCT_HD u32 pop(u32& size, float upper) const {
    if constexpr (kOrdered) {
      WaitingCompact entry;
      do entry = take(size);
      while (entry.near > upper);
      return entry.child;
    } else {
      return take(size);
    }
  }

 private:
  OCT_HD static bool is_nearby(u32 place) {
    if constexpr (kNearby == 0) {
      return false;
    } else {
      return place < kNearby;
    }
  }
  OCT_HD static Entry entry_of(float near, u32 child) {
    if constexpr (kOrdered) {
      return {near, child};
    } else {
      return child;
    }
  }
  OCT_HD Entry take(u32& size) const {
    --size;
    return is_nearby(size) ? nearby[size * kTracingThreads] : rest[size];
  }
};

}  // namespace oct::inline OCT_ISA
