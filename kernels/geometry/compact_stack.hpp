#pragma once
#include "geometry/bvh.hpp"

// Children that wait while a ray is elsewhere in its trees, the one to take next on top. How many there are is
// counted by whoever walks, in a register: an array that is indexed at run time keeps what lies beside it out of them.

namespace oct::inline OCT_ISA {

/// One that a closest-hit query may not need any more when its turn comes.
struct alignas(8) WaitingCompact {
  float near;  ///< where the ray enters its box; -infinity for marks
  u32 child;
};

template <bool kOrdered>
struct CompactStack;

template <>
struct CompactStack<true> {
  WaitingCompact entries[kCompactStackSize];

  OCT_HD void push(u32& size, float near, u32 child) { entries[size++] = {near, child}; }
  /// The same without a branch: the place above the top is written in any case.
  OCT_HD void push_if(bool wanted, u32& size, float near, u32 child) {
    entries[size] = {near, child};
    size += wanted ? 1u : 0u;
  }
  /// The next child that is entered no later than `upper`. There must be a mark below.
  OCT_HD u32 pop(u32& size, float upper) const {
    WaitingCompact entry;
    do entry = entries[--size];
    while (entry.near > upper);
    return entry.child;
  }
};

/// Any hit ends the other queries: all that they have put aside stays worth a visit.
template <>
struct CompactStack<false> {
  u32 entries[kCompactStackSize];

  OCT_HD void push(u32& size, float, u32 child) { entries[size++] = child; }
  OCT_HD void push_if(bool wanted, u32& size, float, u32 child) {
    entries[size] = child;
    size += wanted ? 1u : 0u;
  }
  OCT_HD u32 pop(u32& size, float) const { return entries[--size]; }
};

}  // namespace oct::inline OCT_ISA
