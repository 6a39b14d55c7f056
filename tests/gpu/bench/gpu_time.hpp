#pragma once
#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstddef>
#include <functional>

namespace oct::bench {

/// Memory of the current GPU, zeroed; false where there is none left.
class GpuMemory {
 public:
  explicit GpuMemory(std::size_t bytes) {
    if (cudaMalloc(&data_, bytes) != cudaSuccess || cudaMemset(data_, 0, bytes) != cudaSuccess)
      data_ = nullptr;
  }
  ~GpuMemory() { cudaFree(data_); }
  GpuMemory(const GpuMemory&) = delete;
  GpuMemory& operator=(const GpuMemory&) = delete;

  explicit operator bool() const { return data_ != nullptr; }
  template <class T>
  T* as() const {
    return static_cast<T*>(data_);
  }

 private:
  void* data_ = nullptr;
};

/// Seconds by events on the default stream, the best of `rounds` after one that is not counted; negative when CUDA
/// failed. `launch` starts kernels on that stream.
inline double best_gpu_seconds(int rounds, const std::function<void()>& launch) {
  cudaEvent_t begin = nullptr, end = nullptr;
  double best = -1;
  bool good = cudaEventCreate(&begin) == cudaSuccess && cudaEventCreate(&end) == cudaSuccess;
  for (int round = 0; round <= rounds && good; ++round) {
    cudaEventRecord(begin);
    launch();
    cudaEventRecord(end);
    float milliseconds = 0;
    good = cudaEventSynchronize(end) == cudaSuccess &&
           cudaEventElapsedTime(&milliseconds, begin, end) == cudaSuccess &&
           cudaGetLastError() == cudaSuccess;
    if (good && round > 0) best = best < 0 ? 1e-3 * milliseconds : std::min(best, 1e-3 * milliseconds);
  }
  if (begin != nullptr) cudaEventDestroy(begin);
  if (end != nullptr) cudaEventDestroy(end);
  return good ? best : -1;
}

}  // namespace oct::bench
