#include "launch/cuda_trace.hpp"

namespace oct::inline OCT_ISA {
namespace {

/// At least so many blocks share a multiprocessor, which leaves each thread 64 registers.
constexpr u32 kBlocksPerMultiprocessor = 8;

template <class Work>
__global__ void __launch_bounds__(kTracingThreads, kBlocksPerMultiprocessor) run_stream(Work work) {
  using Entry = typename StackOf<typename Work::Query>::Entry;
  __shared__ Entry nearby[kNearbyEntries == 0 ? 1 : kNearbyEntries * kTracingThreads];
  trace_stream(work, work.count(), work.next(), nearby + threadIdx.x);
}

/// Blocks of the kernel that the calling thread's GPU holds at a time.
template <class Work>
cudaError_t resident_blocks(u32* count) {
  int device = 0, multiprocessors = 0, each = 0;
  cudaError_t error = cudaGetDevice(&device);
  if (error == cudaSuccess) {
    error = cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device);
  }
  if (error == cudaSuccess) {
    error = cudaOccupancyMaxActiveBlocksPerMultiprocessor(&each, run_stream<Work>, kTracingThreads, 0);
  }
  *count = static_cast<u32>(multiprocessors * each);
  return error;
}

}  // namespace

template <class Work>
int launch_stream(const Work& work, u32 most, void* stream) {
  if (most == 0) return cudaSuccess;
  u32 resident = 0;
  const cudaError_t error = resident_blocks<Work>(&resident);
  if (error != cudaSuccess) return error;
  const u32 useful = (most + kTracingThreads - 1) / kTracingThreads;
  run_stream<<<min(max(resident, 1u), useful), kTracingThreads, 0, static_cast<cudaStream_t>(stream)>>>(work);
  return cudaGetLastError();
}

template int launch_stream(const TraceRays&, u32, void*);
template int launch_stream(const TracePaths<false>&, u32, void*);
template int launch_stream(const TracePaths<true>&, u32, void*);
template int launch_stream(const TraceShadows<false, false>&, u32, void*);
template int launch_stream(const TraceShadows<false, true>&, u32, void*);
template int launch_stream(const TraceShadows<true, false>&, u32, void*);
template int launch_stream(const TraceShadows<true, true>&, u32, void*);

}  // namespace oct::inline OCT_ISA
