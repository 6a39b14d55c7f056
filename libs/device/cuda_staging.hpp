#pragma once
#if __has_include(<cuda_runtime_api.h>)  // where it is not, nobody needs this
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>
#include <stop_token>

#include "device/device.hpp"

namespace oct {

/// Copies from host memory to a GPU's through two blocks of pinned memory: one is filled while the GPU fetches the other.
/// From memory that is not pinned the driver copies as well, but holds up the calling thread for each piece. Where none can
/// be had it is left to the driver. For one GPU; one thread at a time.
class StagedCopies {
 public:
  StagedCopies() = default;
  ~StagedCopies();
  StagedCopies(const StagedCopies&) = delete;
  StagedCopies& operator=(const StagedCopies&) = delete;

  /// Puts the copy into the stream; `from` must stay until what is in it has been done. Ends early, without an error, after
  /// a stop request.
  cudaError_t copy(void* to, const void* from, std::uint64_t bytes, cudaStream_t stream,
                   const std::stop_token& stop, ProgressCounter& progress);

 private:
  struct Block {
    void* data = nullptr;
    cudaEvent_t fetched = nullptr;  ///< recorded behind the block's last copy
  };
  bool open();
  cudaError_t copy_piece(Block& block, void* to, const void* from, std::uint64_t bytes, cudaStream_t stream);

  std::array<Block, 2> blocks_;
  bool tried_ = false, usable_ = false;
  std::size_t next_ = 0;
};

}  // namespace oct
#endif
