#pragma once
#if __has_include(<cuda_runtime_api.h>)  // where it is not, nobody needs this
#include <array>
#include <string>
#include <utility>

#include "device/cuda_scene.hpp"
#include "device/queue_machine.hpp"

namespace oct {

/// Host memory that a GPU copies from and to by itself, freed with its owner.
class PinnedBuffer {
 public:
  PinnedBuffer() = default;
  ~PinnedBuffer() { cudaFreeHost(data_); }
  PinnedBuffer(const PinnedBuffer&) = delete;
  PinnedBuffer& operator=(const PinnedBuffer&) = delete;

  cudaError_t allocate(std::uint64_t bytes) {
    cudaFreeHost(std::exchange(data_, nullptr));
    return cudaHostAlloc(&data_, bytes, cudaHostAllocDefault);
  }

  template <class T>
  T* as() const {
    return static_cast<T*>(data_);
  }

 private:
  void* data_ = nullptr;
};

/// The queues of a GPU. Its rounds run on one stream; sums of finished units come back on another, beside them. The GPU
/// is the calling thread's current device.
class CudaQueueMachine final : public QueueMachine {
 public:
  ~CudaQueueMachine() override;

  /// Makes its streams. Called once, before all else.
  ///   device  its name, for errors
  Result<void> open(std::string device);

  /// The stream of the rounds.
  cudaStream_t stream() const { return stream_; }

  /// Takes memory, or nothing at all. `exhausted` when there is too little.
  Result<void> allocate(const QueueSizes& sizes);
  bool is_allocated() const { return sizes_.paths != 0; }

  /// What the next batches render; stays until they have finished.
  void set_scene(const QueueScene& scene) { scene_ = scene; }

  const QueueSizes& sizes() const override { return sizes_; }
  std::span<QueueUnit> units() override { return {units_.as<QueueUnit>(), sizes_.units}; }
  Result<void> clear() override;
  Result<void> start(const QueueBatch& batch) override;
  Result<BatchRecord> finish(u64 batch) override;
  Result<std::span<const CollectedUnit>> collect(u64 batch, u32 count) override;

 private:
  Result<void> checked(const char* what, cudaError_t error) const;
  cudaError_t take_pinned_memory(const QueueSizes& sizes);
  Result<void> bring_units(const QueueBatch& batch);

  std::string device_;
  cudaStream_t stream_ = nullptr, copy_stream_ = nullptr;
  std::array<cudaEvent_t, kBatchesAhead> finished_{};
  DeviceBuffer memory_;
  PinnedBuffer units_, records_, collected_;
  QueueSizes sizes_{};
  QueueScene scene_{};
};

}  // namespace oct
#endif
