#pragma once
#include "launch/queue_work.hpp"

// The GPU's driver of the stages, as plain functions, so that the code that calls it needs no CUDA compiler.
// All pointers are device pointers; `stream` is a cudaStream_t; errors are cudaError_t values, 0 = success. Each
// function works on the calling thread's current device.

namespace oct {

/// Loads the kernels: finds out that this GPU is not among those that the program was compiled for.
int cuda_load_kernels();

/// Bytes of device memory for queues of these sizes.
u64 cuda_queue_bytes(const QueueSizes& sizes);

/// Starts all kernels of a batch (launch/queue_driver.hpp) and returns at once.
///   queue_memory  cuda_queue_bytes(sizes) bytes, aligned as cudaMalloc does, laid out as launch/queue_memory.hpp says
int cuda_enqueue_batch(const QueueScene& scene, void* queue_memory, const QueueSizes& sizes,
                       const QueueBatch& batch, void* stream);

/// First hits of rays; returns when they are complete.
///   next  a zero: the first ray that nobody has begun
int cuda_trace_rays(const SceneBvh& bvh, const Ray* rays, Hit* hits, u32* next, u32 count, void* stream);

/// The fixed arithmetic of launch/canary.hpp, inputs and results in device memory; returns when it is complete.
int cuda_canary_maths(const u32* inputs, u32* results, void* stream);

}  // namespace oct
