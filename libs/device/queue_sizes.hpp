#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>

#include "launch/queue_work.hpp"

// How much a device is given to work on at a time.

namespace oct {

/// With fewer paths under way rounds are too short to be worth their launches.
inline constexpr std::uint32_t kLeastPaths = 1u << 18;
/// More would only take memory: the largest GPUs are full.
inline constexpr std::uint32_t kMostPaths = 1u << 22;
/// About 16 for each thread that a multiprocessor holds while it traces: the last ones of a round leave few idle, and a
/// launch takes a few milliseconds on large GPUs and on small ones.
inline constexpr std::uint32_t kPathsPerMultiprocessor = 1u << 15;

/// Sizes for so many paths, at least 1.
inline QueueSizes queue_sizes(std::uint32_t paths) {
  constexpr std::uint32_t kFewPlaces = 64;
  // two places where each unit is one sample of a tile; a ring in which a slow unit holds nobody up
  const std::uint32_t places = std::max(kFewPlaces, paths / 128);
  constexpr std::uint32_t kMostCollected = 4096;  // 32 MB
  return {paths, places, std::bit_ceil(4 * places), std::min(places, kMostCollected)};
}

/// How many paths a device should have under way.
///   filling     paths that fill it; 0 = not known
///   free_bytes  of its memory. A quarter is taken, so that the next scene has room beside this one, but never less
///               than for kLeastPaths
///   bytes_of    bytes of the queues for so many paths
template <class BytesOf>
std::uint32_t paths_under_way(std::uint32_t filling, std::uint64_t free_bytes, BytesOf&& bytes_of) {
  std::uint32_t paths = filling == 0 ? kLeastPaths : std::clamp(filling, kLeastPaths, kMostPaths);
  while (paths > kLeastPaths && bytes_of(paths) > free_bytes / 4) paths = std::max(paths / 2, kLeastPaths);
  return paths;
}

}  // namespace oct
