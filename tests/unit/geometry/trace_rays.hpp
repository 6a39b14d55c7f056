#pragma once
#include <array>
#include <cstddef>
#include <iterator>

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

/// Walks of one kind of tree, which must all give the same.
struct Tracer {
  std::array<TraceClosest, 2> closest;
  std::array<TraceOcclusion, 2> occlusion;
};

/// Widths of compact nodes.
inline constexpr u32 kCompactWidths[] = {2, 4};

struct Tracers {
  Tracer wide;
  TraceClosest coherent;  ///< of wide trees, for rays sorted by what packets of them must share
  Tracer compact[std::size(kCompactWidths)];
};

/// For trees of the width that GPUs walk.
inline const Tracer& compact_tracer(const Tracers& tracers) {
  return tracers.compact[kCompactWidth == kCompactWidths[0] ? 0 : 1];
}

extern const Tracers kTracersX64;
extern const Tracers kTracersV3;  ///< for CPUs where cpu_runs_v3() (device/cpu_info.hpp)

/// What bounds of a packet let pass, against what its rays do.
struct BoundsCount {
  u64 passes;      ///< of a ray and a box
  u64 violations;  ///< ones that the bounds do not allow, or that begin before the bounds do
  u64 kept_out;    ///< pairs of a packet and a box that the bounds settle
};

/// Packets of kPacketRays rays each, as they come, against all boxes of nodes. For CPUs where cpu_runs_v3().
BoundsCount count_bounds_v3(const Ray* rays, std::size_t count, const WideNode* nodes,
                            std::size_t node_count);

}  // namespace oct::test
