#pragma once
#if __has_include(<cuda_runtime_api.h>)  // where it is not, nobody needs this
#include <string>

#include "device/cuda_queue_machine.hpp"
#include "device/device.hpp"

// Rendering on a GPU, apart from how scenes get there.

namespace oct {

/// Renders leases of scenes in a GPU's memory. One thread at a time; the GPU is the calling thread's current device.
class CudaRenderer {
 public:
  /// Makes streams of its own. Called once, before all else.
  ///   device  its name, for errors
  Result<void> open(std::string device) { return machine_.open(std::move(device)); }

  cudaStream_t stream() const { return machine_.stream(); }

  /// Bytes of device memory that it needs at least and has not got yet.
  std::uint64_t missing_bytes() const;

  /// Takes memory for paths under way, by what is free, once; further calls have no effect.
  Result<void> allocate();
  /// The same, for so few paths as the canary has.
  Result<void> allocate_for_canary();

  /// Device::render_leases of a scene that is there.
  void render(const DeviceScene& scene, LeaseSource& source, ProgressCounter& progress);

 private:
  CudaQueueMachine machine_;
};

}  // namespace oct
#endif
