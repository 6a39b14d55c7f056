#pragma once
#if __has_include(<cuda_runtime_api.h>)  // where it is not, nobody needs this
#include <string>

#include "device/cuda_scene.hpp"
#include "device/device.hpp"

// Rendering on a GPU, apart from how scenes get there.

namespace oct {

/// Renders leases of scenes in a GPU's memory. One thread at a time; the GPU is the calling thread's current device.
class CudaRenderer {
 public:
  ~CudaRenderer();

  /// Makes a stream of its own. Called once, before all else.
  ///   device  its name, for errors
  Result<void> open(std::string device);

  cudaStream_t stream() const { return stream_; }

  /// Bytes of device memory that it needs at least and has not got yet.
  std::uint64_t missing_bytes() const;

  /// Takes memory for paths in flight, once; further calls have no effect.
  Result<void> allocate();
  /// The same, for so few paths as the canary has.
  Result<void> allocate_for_canary();

  /// Device::render of a scene that is there.
  Result<void> render(const DeviceScene& scene, const Lease& lease, const std::stop_token& stop,
                      ProgressCounter& progress, const ContributionSink& sink);

 private:
  struct Group;
  Result<void> checked(const char* what, cudaError_t error) const;
  Result<void> allocate(std::uint32_t capacity);
  static Group next_group(const RenderSettings& settings, const Lease& lease, std::size_t first);
  Result<void> render_group(const DeviceScene& scene, const Group& group, const Lease& lease,
                            std::size_t first, const std::stop_token& stop, const ContributionSink& sink);

  std::string device_;
  cudaStream_t stream_ = nullptr;
  DeviceBuffer memory_;
  std::uint32_t capacity_ = 0;  ///< paths, 0 = none
};

}  // namespace oct
#endif
