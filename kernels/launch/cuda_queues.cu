#include "launch/canary.hpp"
#include "launch/cuda_queues.hpp"
#include "launch/cuda_trace.hpp"
#include "launch/queue_driver.hpp"

namespace oct::inline OCT_ISA {
namespace {

constexpr u32 kThreadsPerBlock = 128;
/// At least so many blocks share a multiprocessor, which leaves each thread 168 registers. Shading plain materials
/// needs fewer; the functions that layered ones call would take more, at the cost of all.
constexpr u32 kBlocksPerMultiprocessor = 3;

template <class Kernel>
__global__ void __launch_bounds__(kThreadsPerBlock, kBlocksPerMultiprocessor)
    run_kernel(Kernel kernel, u32 count) {
  const u32 index = blockIdx.x * kThreadsPerBlock + threadIdx.x;
  if (index < count) kernel(index);
}

/// Runs kernels one after the other on a stream. Keeps the first error.
class CudaExecutor {
 public:
  CudaExecutor(cudaStream_t stream, CudaStop stop) : stream_(stream), stop_(stop) {}

  cudaError_t error() const { return error_; }
  bool stop_requested() const { return stop_.requested(stop_.context); }

  template <class Kernel>
  bool run(u32 count, const Kernel& kernel) {
    if (count == 0) return true;
    run_kernel<<<(count + kThreadsPerBlock - 1) / kThreadsPerBlock, kThreadsPerBlock, 0, stream_>>>(kernel,
                                                                                                    count);
    return keep(cudaGetLastError());
  }

  template <class Work>
  bool trace(u32 count, const Work& work, u32* next) {
    return count == 0 || keep(static_cast<cudaError_t>(launch_stream(work, count, next, stream_)));
  }

  bool reset_counts(QueueCounts* counts) {
    return keep(cudaMemsetAsync(counts, 0, sizeof(QueueCounts), stream_));
  }

  bool read_counts(QueueCounts* counts, QueueCounts& result) {
    return keep(cudaMemcpyAsync(&result, counts, sizeof result, cudaMemcpyDeviceToHost, stream_)) && wait();
  }

  bool wait() { return keep(cudaStreamSynchronize(stream_)); }

 private:
  bool keep(cudaError_t error) {
    if (error_ == cudaSuccess) error_ = error;
    return error == cudaSuccess;
  }

  cudaStream_t stream_;
  CudaStop stop_;
  cudaError_t error_ = cudaSuccess;
};

bool never(const void*) {
  return false;
}

}  // namespace
}  // namespace oct::inline OCT_ISA

namespace oct {

int cuda_load_kernels() {
  cudaFuncAttributes attributes;
  return cudaFuncGetAttributes(&attributes, run_kernel<ShadePaths>);
}

u64 cuda_queue_bytes(u32 capacity) {
  return QueueMemory(nullptr, capacity).byte_size();
}

CudaOutcome cuda_render_group(const QueueGroup& group, void* queue_memory, u32 capacity, void* stream,
                              CudaStop stop) {
  CudaExecutor executor(static_cast<cudaStream_t>(stream), stop);
  const QueueMemory memory(queue_memory, capacity);
  const QueueOutcome outcome = render_group(executor, group, memory, capacity);
  executor.wait();
  return {executor.error(), outcome == QueueOutcome::stopped};
}

int cuda_trace_rays(const SceneBvh& bvh, const Ray* rays, Hit* hits, u32* next, u32 count, void* stream) {
  CudaExecutor executor(static_cast<cudaStream_t>(stream), {&never, nullptr});
  executor.trace(count, TraceRays{bvh, rays, hits}, next);
  executor.wait();
  return executor.error();
}

int cuda_canary_maths(const u32* inputs, u32* results, void* stream) {
  CudaExecutor executor(static_cast<cudaStream_t>(stream), {&never, nullptr});
  executor.run(kCanaryInputs, CanaryMaths{inputs, results});
  executor.wait();
  return executor.error();
}

}  // namespace oct
