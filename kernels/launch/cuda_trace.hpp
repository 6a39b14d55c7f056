#pragma once
#include "launch/queues.hpp"

// Starts the kernels that trace rays. They are compiled apart (cuda_trace.cu), side by side with those that shade.

namespace oct::inline OCT_ISA {

/// Rays of an array.
struct TraceRays {
  static constexpr bool kInstances = true;
  using Query = StreamedClosest<TraceRays>;
  SceneBvh structure;
  const Ray* rays;
  Hit* hits;
  u32* fetched;  ///< the first ray that nobody has begun
  u32 total;

  OCT_HD u32 count() const { return total; }
  OCT_HD u32* next() const { return fetched; }
  OCT_HD const SceneBvh& bvh() const { return structure; }
  OCT_HD Ray ray(u32 index) const { return rays[index]; }
  OCT_HD bool accepts(u32 index, const HitKey& key) const { return counts(rays[index], key); }
  OCT_HD void finish(const Query& query) const { hits[query.index] = query.best; }
};

/// Runs trace_stream of work.count() rays on the stream, with as many warps as this GPU holds at a time. `most` is an
/// upper bound of the count, which is in device memory as work.next() is. For TraceRays, TracePaths and TraceShadows. `stream` is a cudaStream_t; returns a cudaError_t, 0 = success.
template <class Work>
int launch_stream(const Work& work, u32 most, void* stream);

}  // namespace oct::inline OCT_ISA
