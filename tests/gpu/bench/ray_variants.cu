#include <cuda_runtime.h>

#include "gpu/bench/gpu_time.hpp"
#include "gpu/bench/ray_variants.hpp"
#include "launch/ray_stream.hpp"
#include "path/stages.hpp"

// The product's trace_stream over rays of an array, with every combination of what its kernels are specialised for.

namespace oct::inline OCT_ISA {
namespace {

/// What both queries have in common.
struct Recorded {
  bench::RecordedRays work;

  OCT_HD const SceneBvh& bvh() const { return work.bvh; }
  OCT_HD Ray ray(u32 index) const { return work.rays[index]; }
  OCT_HD float limit(u32 index) const { return work.rays[index].t_max; }
  OCT_HD bool accepts(u32 index, const HitKey& key) const { return counts(work.rays[index], key); }
};

template <bool kHasInstances>
struct RecordedClosest : Recorded {
  static constexpr bool kInstances = kHasInstances;
  using Query = StreamedClosest<RecordedClosest>;

  OCT_HD void finish(const Query& query) const { work.hits[query.index] = query.best; }
};

template <bool kHasInstances, bool kAlpha>
struct RecordedShadows : Recorded {
  static constexpr bool kInstances = kHasInstances;
  using Query = StreamedOcclusion<RecordedShadows>;

  OCT_HD u32 blocked(u32 index, const Hit& hit) const {
    if constexpr (!kAlpha) return 7u;
    ShadowRequest request{};
    request.pixel = index % (work.scene.settings[0].width * work.scene.settings[0].height);
    return shadow_filter(work.scene, request)(hit);
  }
  OCT_HD void finish(const Query& query) const { work.blocked[query.index] = query.blocked & 7u; }
};

/// As cuda_trace.cu starts them.
constexpr u32 kBlocksPerMultiprocessor = 8;

template <u32 kWidth, class Work>
__global__ void __launch_bounds__(kTracingThreads, kBlocksPerMultiprocessor) run_recorded(Work work) {
  using Entry = typename StackOf<typename Work::Query>::Entry;
  __shared__ Entry nearby[kNearbyEntries == 0 ? 1 : kNearbyEntries * kTracingThreads];
  trace_stream<kWidth>(work, work.work.count, work.work.next, nearby + threadIdx.x);
}

template <u32 kWidth, class Work>
double seconds_of(const Work& work, int rounds) {
  int device = 0, multiprocessors = 0, each = 0;
  cudaGetDevice(&device);
  cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device);
  if (cudaOccupancyMaxActiveBlocksPerMultiprocessor(&each, run_recorded<kWidth, Work>, kTracingThreads, 0) !=
      cudaSuccess)
    return -1;
  return bench::best_gpu_seconds(rounds, [&] {
    cudaMemsetAsync(work.work.next, 0, sizeof(u32));
    run_recorded<kWidth><<<multiprocessors * each, kTracingThreads>>>(work);
  });
}

template <u32 kWidth>
double seconds_of_variant(const bench::RayVariant& variant, const bench::RecordedRays& work, int rounds) {
  if (!variant.shadows) {
    return variant.instances ? seconds_of<kWidth>(RecordedClosest<true>{{work}}, rounds)
                             : seconds_of<kWidth>(RecordedClosest<false>{{work}}, rounds);
  }
  if (variant.alpha) {
    return variant.instances ? seconds_of<kWidth>(RecordedShadows<true, true>{{work}}, rounds)
                             : seconds_of<kWidth>(RecordedShadows<false, true>{{work}}, rounds);
  }
  return variant.instances ? seconds_of<kWidth>(RecordedShadows<true, false>{{work}}, rounds)
                           : seconds_of<kWidth>(RecordedShadows<false, false>{{work}}, rounds);
}

}  // namespace
}  // namespace oct::inline OCT_ISA

namespace oct::bench {

double trace_seconds(const RayVariant& variant, const RecordedRays& work, int rounds) {
  return variant.width == 2 ? seconds_of_variant<2>(variant, work, rounds)
                            : seconds_of_variant<4>(variant, work, rounds);
}

}  // namespace oct::bench
