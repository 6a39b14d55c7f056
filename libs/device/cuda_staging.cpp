#include "device/cuda_staging.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace oct {
namespace {

constexpr std::uint64_t kBlockBytes = 8u << 20;  // a third of a millisecond on PCIe 4
/// What is smaller the driver takes along with the call.
constexpr std::uint64_t kSmallBytes = 64u << 10;

}  // namespace

StagedCopies::~StagedCopies() {
  for (const Block& block : blocks_) {
    if (block.fetched != nullptr) cudaEventDestroy(block.fetched);
    cudaFreeHost(block.data);
  }
}

/// False where the system has no memory to pin; tried once.
bool StagedCopies::open() {
  if (tried_) return usable_;
  tried_ = true;
  cudaError_t error = cudaSuccess;
  for (Block& block : blocks_) {
    if (error == cudaSuccess) error = cudaHostAlloc(&block.data, kBlockBytes, cudaHostAllocDefault);
    if (error == cudaSuccess) error = cudaEventCreateWithFlags(&block.fetched, cudaEventDisableTiming);
  }
  if (error != cudaSuccess) cudaGetLastError();
  return usable_ = error == cudaSuccess;
}

cudaError_t StagedCopies::copy(void* to, const void* from, std::uint64_t bytes, cudaStream_t stream,
                               const std::stop_token& stop, ProgressCounter& progress) {
  if (bytes == 0) return cudaSuccess;
  if (bytes <= kSmallBytes || !open())
    return cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream);
  for (std::uint64_t done = 0; done < bytes && !stop.stop_requested(); done += kBlockBytes) {
    Block& block = blocks_[next_++ % blocks_.size()];
    const cudaError_t error =
        copy_piece(block, static_cast<std::byte*>(to) + done, static_cast<const std::byte*>(from) + done,
                   std::min(kBlockBytes, bytes - done), stream);
    if (error != cudaSuccess) return error;
    progress.fetch_add(1, std::memory_order_relaxed);
  }
  return cudaSuccess;
}

cudaError_t StagedCopies::copy_piece(Block& block, void* to, const void* from, std::uint64_t bytes,
                                     cudaStream_t stream) {
  cudaError_t error = cudaEventSynchronize(block.fetched);  // at once when it was never recorded
  if (error != cudaSuccess) return error;
  std::memcpy(block.data, from, bytes);
  error = cudaMemcpyAsync(to, block.data, bytes, cudaMemcpyHostToDevice, stream);
  return error == cudaSuccess ? cudaEventRecord(block.fetched, stream) : error;
}

}  // namespace oct
