#pragma once
#include <cstddef>

#include "geometry/bvh.hpp"

// Traversal compiled for each CPU instruction set. The files behind these functions include kernels alone, so
// that nothing compiled for v3 can replace code of the plain build at link time.

namespace oct::test {

using TraceClosest = void (*)(const SceneBvh& bvh, const Ray* rays, std::size_t count, Hit* hits);
/// Masks by the rule of blocked_by, ORed over all hits.
using TraceOcclusion = void (*)(const SceneBvh& bvh, const Ray* rays, std::size_t count, u32* masks);

/// The rule.
inline constexpr u32 blocked_by(const Hit& hit) {
  return (hit.instance * 5 + hit.primitive * 3 + hit.back) % 11 % 8;
}

struct Tracer {
  TraceClosest closest_wide, closest_many, closest_compact;
  TraceOcclusion occlusion_wide, occlusion_many, occlusion_compact;
};

extern const Tracer kTracerX64;
extern const Tracer kTracerV3;  ///< for CPUs where cpu_runs_v3() (device/cpu_info.hpp)

}  // namespace oct::test
