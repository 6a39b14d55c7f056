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
  explicit CudaExecutor(void* stream) : stream_(static_cast<cudaStream_t>(stream)) {}

  cudaError_t error() const { return error_; }

  template <class Kernel>
  bool run(u32 count, const Kernel& kernel) {
    if (count == 0) return true;
    run_kernel<<<(count + kThreadsPerBlock - 1) / kThreadsPerBlock, kThreadsPerBlock, 0, stream_>>>(kernel,
                                                                                                    count);
    return keep(cudaGetLastError());
  }

  template <class Work>
  bool trace(u32 most, const Work& work) {
    return keep(static_cast<cudaError_t>(launch_stream(work, most, stream_)));
  }

  bool wait() { return keep(cudaStreamSynchronize(stream_)); }

 private:
  bool keep(cudaError_t error) {
    if (error_ == cudaSuccess) error_ = error;
    return error == cudaSuccess;
  }

  cudaStream_t stream_;
  cudaError_t error_ = cudaSuccess;
};

}  // namespace
}  // namespace oct::inline OCT_ISA

namespace oct {

int cuda_load_kernels() {
  cudaFuncAttributes attributes;
  return cudaFuncGetAttributes(&attributes, run_kernel<ShadePaths>);
}

u64 cuda_queue_bytes(const QueueSizes& sizes) {
  return QueueMemory(nullptr, sizes).byte_size();
}

int cuda_enqueue_batch(const QueueScene& scene, void* queue_memory, const QueueSizes& sizes,
                       const QueueBatch& batch, void* stream) {
  CudaExecutor executor(stream);
  enqueue_batch(executor, scene, QueueMemory(queue_memory, sizes), sizes, batch);
  return executor.error();
}

int cuda_trace_rays(const SceneBvh& bvh, const Ray* rays, Hit* hits, u32* next, u32 count, void* stream) {
  CudaExecutor executor(stream);
  executor.trace(count, TraceRays{bvh, rays, hits, next, count});
  executor.wait();
  return executor.error();
}

int cuda_canary_maths(const u32* inputs, u32* results, void* stream) {
  CudaExecutor executor(stream);
  executor.run(kCanaryInputs, CanaryMaths{inputs, results});
  executor.wait();
  return executor.error();
}

}  // namespace oct
