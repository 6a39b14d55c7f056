// The functions of CUDA's runtime library, over host memory. Linked in place of libcudart_static.
#include <cuda_runtime_api.h>

#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include "simt/fault.hpp"
#include "simt_runtime/computer.hpp"
#include "simt_runtime/device_code.hpp"

using namespace oct::simt;

namespace {

/// What the calling thread knows: which GPU is its own, which error came last, and the launch that it prepares.
struct ThreadState {
  int gpu = 0;
  cudaError_t last = cudaSuccess;
  dim3 grid, block;
  std::size_t shared = 0;
  cudaStream_t stream = nullptr;
};

ThreadState& me() {
  thread_local ThreadState state;
  return state;
}

/// Remembers the error, as every function does.
cudaError_t answer(cudaError_t error) {
  if (error != cudaSuccess) me().last = error;
  return error;
}

/// The thread's GPU; null when there is none, or another computer came in between.
Gpu* my_gpu() {
  return me().gpu < computer().gpu_count() ? &computer().gpu(me().gpu) : nullptr;
}

/// Calls `action(gpu)` for the thread's GPU unless the call fails before.
template <class Action>
cudaError_t on_gpu(RuntimeCall call, Action&& action) {
  Gpu* gpu = my_gpu();
  if (gpu == nullptr) return answer(cudaErrorNoDevice);
  if (const cudaError_t error = gpu->on_call(call)) return answer(error);
  return answer(action(*gpu));
}

/// The stream as an object; null when it is not one of this GPU's.
std::shared_ptr<CUstream_st> stream_of(Gpu& gpu, cudaStream_t stream) {
  return stream == nullptr ? gpu.default_stream() : gpu.find_stream(stream);
}

/// Calls `action(gpu, stream)` for work that is put into a stream.
template <class Action>
cudaError_t on_stream(RuntimeCall call, cudaStream_t handle, Action&& action) {
  if (my_gpu() == nullptr) return answer(cudaErrorNoDevice);
  Gpu& gpu = *my_gpu();
  const auto stream = stream_of(gpu, handle);
  if (!stream) return answer(cudaErrorInvalidResourceHandle);
  if (const cudaError_t error = gpu.on_queued_call(call, *stream)) return answer(error);
  return answer(action(gpu, stream));
}

bool is_host_side(cudaMemcpyKind kind, bool source) {
  return source ? kind == cudaMemcpyHostToDevice || kind == cudaMemcpyHostToHost
                : kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyHostToHost;
}

/// A copy, as far as it can be told from its ends.
struct Copy {
  void* to;
  const void* from;
  std::size_t bytes;
  cudaMemcpyKind kind;

  bool is_valid() const {
    const bool to_host = is_host_side(kind, false), from_host = is_host_side(kind, true);
    return (to_host || computer().holder(to, bytes) != nullptr) &&
           (from_host || computer().holder(from, bytes) != nullptr);
  }
  bool from_pageable() const { return is_host_side(kind, true) && !computer().is_pinned(from, bytes); }
  bool to_pageable() const { return is_host_side(kind, false) && !computer().is_pinned(to, bytes); }
  void count() const {
    (from_pageable() || to_pageable() ? computer().pageable_bytes : computer().pinned_bytes) += bytes;
  }
  void carry_out() const { std::memcpy(to, from, bytes); }
};

/// Pinned memory is read and written when the copy's turn comes; memory that is not pinned, before the call returns.
cudaError_t queue_copy(const Copy& copy, const std::shared_ptr<CUstream_st>& stream) {
  if (copy.bytes == 0) return cudaSuccess;
  if (!copy.is_valid()) return cudaErrorInvalidValue;
  copy.count();
  if (copy.from_pageable()) {
    const auto* bytes = static_cast<const std::byte*>(copy.from);
    auto staged = std::make_shared<std::vector<std::byte>>(bytes, bytes + copy.bytes);
    stream->put([copy, staged] { std::memcpy(copy.to, staged->data(), copy.bytes); });
    return cudaSuccess;
  }
  stream->put([copy] { copy.carry_out(); });
  if (copy.to_pageable()) stream->run_all();
  return stream->gpu.lost();
}

cudaError_t launch(CUkern_st* kernel, dim3 grid, dim3 block, void** arguments, std::size_t shared,
                   cudaStream_t stream) {
  if (kernel == nullptr) return answer(cudaErrorInvalidDeviceFunction);
  return on_stream(RuntimeCall::launch, stream, [&](Gpu& gpu, const auto& queue) {
    try {
      auto call = std::make_shared<KernelCall>(*kernel, grid, block, arguments, shared);
      ++computer().launches;
      queue->put([call, &gpu] {
        try {
          call->run();
        } catch (const Fault& fault) {
          std::fprintf(stderr, "a kernel did what no GPU allows: %s\n", fault.what());
          gpu.lose(cudaErrorLaunchFailure);
        }
      });
      return cudaSuccess;
    } catch (const Fault& fault) {
      std::fprintf(stderr, "a kernel cannot be started: %s\n", fault.what());
      return cudaErrorNoKernelImageForDevice;
    }
  });
}

cudaError_t attributes_of(cudaFuncAttributes* attributes, CUkern_st* kernel) {
  if (kernel == nullptr) return cudaErrorInvalidDeviceFunction;
  try {
    const Function& function = kernel->module->find(kernel->name);
    *attributes = {};
    attributes->maxThreadsPerBlock = 1024;
    attributes->numRegs = 64;
    attributes->sharedSizeBytes = function.shared_bytes;
    return cudaSuccess;
  } catch (const Fault& fault) {
    std::fprintf(stderr, "device code cannot be loaded: %s\n", fault.what());
    return cudaErrorNoKernelImageForDevice;
  }
}

struct ErrorText {
  cudaError_t error;
  const char *name, *text;
};

constexpr ErrorText kErrorTexts[] = {
    {cudaSuccess, "cudaSuccess", "no error"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver",
     "CUDA driver version is insufficient for CUDA runtime version"},
    {cudaErrorDevicesUnavailable, "cudaErrorDevicesUnavailable",
     "CUDA-capable device(s) is/are busy or unavailable"},
    {cudaErrorInvalidDeviceFunction, "cudaErrorInvalidDeviceFunction", "invalid device function"},
    {cudaErrorNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {cudaErrorNoKernelImageForDevice, "cudaErrorNoKernelImageForDevice",
     "no kernel image is available for execution on the device"},
    {cudaErrorECCUncorrectable, "cudaErrorECCUncorrectable", "uncorrectable ECC error encountered"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {cudaErrorNotReady, "cudaErrorNotReady", "device not ready"},
    {cudaErrorIllegalAddress, "cudaErrorIllegalAddress", "an illegal memory access was encountered"},
    {cudaErrorLaunchTimeout, "cudaErrorLaunchTimeout", "the launch timed out and was terminated"},
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
};

const ErrorText& text_of(cudaError_t error) {
  static constexpr ErrorText kUnknown{cudaErrorUnknown, "cudaErrorUnknown", "unknown error"};
  for (const ErrorText& known : kErrorTexts) {
    if (known.error == error) return known;
  }
  return kUnknown;
}

}  // namespace

// What nvcc's host code calls.

extern "C" {

void** __cudaRegisterFatBinary(void* wrapper) {
  return reinterpret_cast<void**>(add_module(wrapper));
}

void __cudaRegisterFatBinaryEnd(void**) {}
void __cudaUnregisterFatBinary(void**) {}
void __cudaRegisterVar(void**, char*, char*, const char*, int, size_t, int, int) {}

void __cudaRegisterFunction(void** module, const char* host_function, char*, const char* name, int, uint3*,
                            uint3*, dim3*, dim3*, int*) {
  add_kernel(reinterpret_cast<DeviceModule*>(module), host_function, name);
}

unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared, CUstream_st* stream) {
  ThreadState& state = me();
  state.grid = grid;
  state.block = block;
  state.shared = shared;
  state.stream = stream;
  return 0;
}

cudaError_t __cudaPopCallConfiguration(dim3* grid, dim3* block, size_t* shared, void* stream) {
  const ThreadState& state = me();
  *grid = state.grid;
  *block = state.block;
  *shared = state.shared;
  *static_cast<cudaStream_t*>(stream) = state.stream;
  return cudaSuccess;
}

cudaError_t __cudaGetKernel(cudaKernel_t* kernel, const void* host_function) {
  *kernel = find_kernel(host_function);
  return *kernel == nullptr ? cudaErrorInvalidDeviceFunction : cudaSuccess;
}

cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void** arguments, size_t shared,
                               cudaStream_t stream) {
  return launch(kernel, grid, block, arguments, shared, stream);
}

cudaError_t cudaLaunchKernel(const void* function, dim3 grid, dim3 block, void** arguments, size_t shared,
                             cudaStream_t stream) {
  return launch(find_kernel(function), grid, block, arguments, shared, stream);
}

// Devices.

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 0;
  if (const cudaError_t error = computer().on_count()) return answer(error);
  *count = computer().gpu_count();
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int number) {
  if (number < 0 || number >= computer().gpu_count()) return answer(cudaErrorInvalidDevice);
  me().gpu = number;
  return answer(computer().gpu(number).on_call(RuntimeCall::open));
}

cudaError_t cudaGetDevice(int* number) {
  *number = me().gpu;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int number) {
  if (number < 0 || number >= computer().gpu_count()) return answer(cudaErrorInvalidDevice);
  const GpuModel& model = computer().gpu(number).model();
  *properties = {};
  std::snprintf(properties->name, sizeof properties->name, "%s", model.name.c_str());
  properties->totalGlobalMem = model.memory_bytes;
  properties->multiProcessorCount = model.multiprocessors;
  properties->major = 9;
  properties->warpSize = 32;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int number) {
  if (number < 0 || number >= computer().gpu_count()) return answer(cudaErrorInvalidDevice);
  switch (attribute) {
    case cudaDevAttrMultiProcessorCount: *value = computer().gpu(number).model().multiprocessors; break;
    case cudaDevAttrWarpSize: *value = 32; break;
    case cudaDevAttrComputeCapabilityMajor: *value = 9; break;
    default: *value = 0; break;
  }
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t* free_bytes, size_t* total_bytes) {
  return on_gpu(RuntimeCall::info, [&](Gpu& gpu) {
    *free_bytes = gpu.free_bytes();
    *total_bytes = gpu.model().memory_bytes;
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceSynchronize() {
  return on_gpu(RuntimeCall::wait, [](Gpu& gpu) {
    gpu.run_all_streams();
    return gpu.lost();
  });
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

// Errors.

cudaError_t cudaGetLastError() {
  return std::exchange(me().last, cudaSuccess);
}

cudaError_t cudaPeekAtLastError() {
  return me().last;
}

const char* cudaGetErrorString(cudaError_t error) {
  return text_of(error).text;
}

const char* cudaGetErrorName(cudaError_t error) {
  return text_of(error).name;
}

// Memory.

cudaError_t cudaMalloc(void** data, size_t bytes) {
  *data = nullptr;
  return on_gpu(RuntimeCall::allocate, [&](Gpu& gpu) {
    *data = bytes == 0 ? nullptr : gpu.allocate(bytes);
    return bytes == 0 || *data != nullptr ? cudaSuccess : cudaErrorMemoryAllocation;
  });
}

/// Waits for all that the GPU has to do, as the original.
cudaError_t cudaFree(void* data) {
  if (data == nullptr) return cudaSuccess;
  Gpu* gpu = computer().holder(data, 1);
  if (gpu == nullptr) return answer(cudaErrorInvalidValue);
  gpu->run_all_streams();
  if (!gpu->free(data)) return answer(cudaErrorInvalidValue);
  return answer(gpu->lost());
}

cudaError_t cudaHostAlloc(void** data, size_t bytes, unsigned) {
  *data = nullptr;
  return on_gpu(RuntimeCall::pin, [&](Gpu&) {
    *data = computer().pin(bytes);
    return cudaSuccess;
  });
}

cudaError_t cudaMallocHost(void** data, size_t bytes) {
  return cudaHostAlloc(data, bytes, cudaHostAllocDefault);
}

cudaError_t cudaFreeHost(void* data) {
  if (data == nullptr) return cudaSuccess;
  for (int i = 0; i < computer().gpu_count(); ++i) computer().gpu(i).run_all_streams();
  return answer(computer().unpin(data) ? cudaSuccess : cudaErrorInvalidValue);
}

cudaError_t cudaHostRegister(void* data, size_t bytes, unsigned) {
  return on_gpu(RuntimeCall::pin, [&](Gpu&) {
    computer().register_host(data, bytes);
    return cudaSuccess;
  });
}

cudaError_t cudaHostUnregister(void* data) {
  for (int i = 0; i < computer().gpu_count(); ++i) computer().gpu(i).run_all_streams();
  return answer(computer().unregister_host(data) ? cudaSuccess : cudaErrorHostMemoryNotRegistered);
}

/// Host and GPUs share their addresses here.
cudaError_t cudaHostGetDevicePointer(void** device, void* host, unsigned) {
  *device = host;
  return cudaSuccess;
}

/// Does not wait for streams that do not wait for the default one.
cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  return on_stream(RuntimeCall::copy, nullptr, [&](Gpu& gpu, const auto& stream) {
    const cudaError_t error = queue_copy({to, from, bytes, kind}, stream);
    stream->run_all();
    return error != cudaSuccess ? error : gpu.lost();
  });
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return on_stream(RuntimeCall::copy, stream, [&](Gpu&, const auto& queue) {
    return queue_copy({to, from, bytes, kind}, queue);
  });
}

cudaError_t cudaMemsetAsync(void* data, int value, size_t bytes, cudaStream_t stream) {
  return on_stream(RuntimeCall::copy, stream, [&](Gpu& gpu, const auto& queue) {
    if (bytes > 0 && !gpu.holds(data, bytes)) return cudaErrorInvalidValue;
    queue->put([=] { std::memset(data, value, bytes); });
    return cudaSuccess;
  });
}

cudaError_t cudaMemset(void* data, int value, size_t bytes) {
  return cudaMemsetAsync(data, value, bytes, nullptr);
}

// Streams and events.

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  *stream = nullptr;
  return on_gpu(RuntimeCall::info, [&](Gpu& gpu) {
    *stream = gpu.make_stream((flags & cudaStreamNonBlocking) == 0).get();
    return cudaSuccess;
  });
}

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int) {
  return cudaStreamCreateWithFlags(stream, flags);
}

cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  *least = *greatest = 0;
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  for (int i = 0; i < computer().gpu_count(); ++i) {
    if (computer().gpu(i).destroy_stream(stream)) return answer(computer().gpu(i).lost());
  }
  return answer(cudaErrorInvalidResourceHandle);
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return on_stream(RuntimeCall::wait, stream, [](Gpu& gpu, const auto& queue) {
    queue->run_all();
    return gpu.lost();
  });
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
  if (my_gpu() == nullptr) return answer(cudaErrorNoDevice);
  Gpu& gpu = *my_gpu();
  const auto queue = stream_of(gpu, stream);
  if (!queue) return answer(cudaErrorInvalidResourceHandle);
  const bool is_done = queue->run_one();
  if (gpu.lost() != cudaSuccess) return answer(gpu.lost());
  return is_done ? cudaSuccess : cudaErrorNotReady;
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* context) {
  return on_stream(RuntimeCall::info, stream, [&](Gpu&, const auto& queue) {
    queue->put([=] { function(context); });
    return cudaSuccess;
  });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = nullptr;
  return on_gpu(RuntimeCall::info, [&](Gpu& gpu) {
    *event = computer().make_event(gpu);
    return cudaSuccess;
  });
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return answer(computer().destroy_event(event) ? cudaSuccess : cudaErrorInvalidResourceHandle);
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return on_stream(RuntimeCall::info, stream, [&](Gpu& gpu, const auto& queue) {
    if (&event->gpu != &gpu) return cudaErrorInvalidResourceHandle;
    event->stream = queue;
    event->place = queue->put_count();
    return cudaSuccess;
  });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  if (const cudaError_t error = event->gpu.on_call(RuntimeCall::wait)) return answer(error);
  if (event->stream) event->stream->run_to(event->place);
  return answer(event->gpu.lost());
}

/// Something is done with each call, so that whoever asks again and again gets there.
cudaError_t cudaEventQuery(cudaEvent_t event) {
  if (event->stream && !event->stream->is_done(event->place)) event->stream->run_one();
  if (event->gpu.lost() != cudaSuccess) return answer(event->gpu.lost());
  return !event->stream || event->stream->is_done(event->place) ? cudaSuccess : cudaErrorNotReady;
}

cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t, cudaEvent_t) {
  *ms = 0;
  return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  return on_stream(RuntimeCall::info, stream, [&](Gpu&, const auto& queue) {
    if (!event->stream || event->stream == queue) return cudaSuccess;
    queue->put([other = event->stream, place = event->place] { other->run_to(place); });
    return cudaSuccess;
  });
}

// Kernels.

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* function) {
  return on_gpu(RuntimeCall::info, [&](Gpu&) { return attributes_of(attributes, find_kernel(function)); });
}

cudaError_t cudaFuncSetAttribute(const void*, cudaFuncAttribute, int) {
  return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, const void*, int, size_t,
                                                                   unsigned) {
  *blocks = 2;
  return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void*, int, size_t) {
  *blocks = 2;
  return cudaSuccess;
}

}  // extern "C"
