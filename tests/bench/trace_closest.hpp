#pragma once
#include <cstddef>

#include "geometry/bvh.hpp"

// The loops that are timed, one copy an instruction set. Files behind these functions include kernels alone.

namespace oct::bench {

struct TraceLoops {
  void (*closest)(const SceneBvh& bvh, const Ray* rays, std::size_t count, Hit* hits);
  void (*closest_batch)(const SceneBvh& bvh, const Ray* rays, std::size_t count, Hit* hits);
  void (*closest_compact)(const SceneBvh& bvh, const Ray* rays, std::size_t count, Hit* hits);
  void (*occluded)(const SceneBvh& bvh, const Ray* rays, std::size_t count, u32* masks);
  void (*occluded_batch)(const SceneBvh& bvh, const Ray* rays, std::size_t count, u32* masks);
};

extern const TraceLoops kLoopsX64;
extern const TraceLoops kLoopsV3;

}  // namespace oct::bench
