#pragma once
#if __has_include(<cuda_runtime_api.h>)  // where it is not, nobody needs this
#include <cuda_runtime_api.h>

#include <string>

#include "base/result.hpp"

namespace oct {

/// An error of the CUDA runtime as ours, with what would help; `exhausted` for too little memory, else `unavailable`. The
/// thread's last error is forgotten with it, so that no later call is taken for the one that failed.
///   device  its title, "GPU 1 NVIDIA GeForce RTX 4070"
///   what    has gone wrong: "the scene cannot be copied"
Result<void> check_cuda(const std::string& device, const char* what, cudaError_t error);

/// Whether the GPU is of no use to this process any more, whatever is called: its context is broken, or it has left the
/// computer. Only another process may find it well.
bool is_lost_by(cudaError_t error);

}  // namespace oct
#endif
