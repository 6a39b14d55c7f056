#pragma once
#if __has_include(<cuda_runtime_api.h>)  // where it is not, nobody needs this
#include <cuda_runtime_api.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.hpp"
#include "device/bvh_builder.hpp"
#include "device/cuda_errors.hpp"
#include "device/cuda_staging.hpp"

// Scenes in a GPU's memory.

namespace oct {

/// Device memory, freed with its owner.
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  ~DeviceBuffer() { cudaFree(data_); }
  DeviceBuffer(DeviceBuffer&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    return *this;
  }

  cudaError_t allocate(std::uint64_t bytes) {
    cudaFree(std::exchange(data_, nullptr));
    return bytes == 0 ? cudaSuccess : cudaMalloc(&data_, bytes);
  }

  /// Copies on the stream: what runs on it afterwards sees the copy. `source` must stay until then.
  cudaError_t fill(const void* source, std::uint64_t bytes, cudaStream_t stream) {
    const cudaError_t error = allocate(bytes);
    if (error != cudaSuccess || bytes == 0) return error;
    return cudaMemcpyAsync(data_, source, bytes, cudaMemcpyHostToDevice, stream);
  }

  void* data() const { return data_; }
  template <class T>
  T* as() const {
    return static_cast<T*>(data_);
  }

 private:
  void* data_ = nullptr;
};

/// An array in a GPU's memory, for all scenes that have it.
struct DeviceArray {
  Digest content;
  DeviceBuffer buffer;
};

/// An acceleration structure in a GPU's memory, for all scenes of this geometry.
struct DeviceTree {
  Digest geometry;
  std::vector<DeviceBuffer> buffers;
  SceneBvh bvh{};
};

/// A scene in a GPU's memory.
struct DeviceScene {
  RenderDataPtr data;
  std::vector<std::shared_ptr<const DeviceArray>> arrays;  ///< in the order of RenderDataArrays::each
  std::shared_ptr<const DeviceTree> tree;
  RenderDataView view{};
  bool all_block = false;  ///< QueueScene::all_block
};

/// By which arrays and trees are known.
struct SceneNames {
  std::vector<Digest> contents;  ///< in the order of RenderDataArrays::each
  Digest geometry;
};

SceneNames names_of(const RenderData& data, unsigned threads = 0);

/// Fills scenes. One thread at a time; the GPU is the calling thread's current device.
class SceneLoader {
 public:
  /// Makes a stream of its own. Called once, before all else.
  ///   device  its title, for errors
  Result<void> open(std::string device);
  ~SceneLoader();

  /// Shares arrays and tree with other scenes on this GPU. Some may be null.
  static void adopt(DeviceScene& scene, const SceneNames& names,
                    std::span<const std::shared_ptr<const DeviceScene>> others);

  /// Bytes of the arrays that the scene has not got yet.
  static std::uint64_t missing_bytes(const DeviceScene& scene);

  /// Copies what the scene lacks; returns when it is there, or nothing is under way any more.
  ///   host_tree  with compact nodes; null when the scene has its tree
  Result<void> load(DeviceScene& scene, const SceneNames& names, const HostBvh* host_tree,
                    const std::stop_token& stop, ProgressCounter& progress);

  /// Copied so far. Any thread.
  std::uint64_t copied_bytes() const { return copied_bytes_; }

 private:
  Result<void> copy_arrays(DeviceScene& scene, const std::vector<Digest>& contents,
                           const std::stop_token& stop, ProgressCounter& progress);
  template <class T>
  Result<void> copy_tree_array(DeviceTree& tree, const T*& pointer, std::size_t count,
                               const std::stop_token& stop, ProgressCounter& progress);
  Result<void> copy_tree(DeviceScene& scene, const HostBvh& bvh, const Digest& geometry,
                         const std::stop_token& stop, ProgressCounter& progress);

  std::string device_;
  cudaStream_t stream_ = nullptr;
  StagedCopies copies_;
  std::atomic<std::uint64_t> copied_bytes_{0};
};

}  // namespace oct
#endif
