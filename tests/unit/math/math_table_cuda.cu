// The functions of kernels/math on a CUDA device.
#include <cuda_runtime.h>

#include "math/transcendental.hpp"
#include "math_table.hpp"

namespace oct::inline OCT_ISA {
namespace {

__device__ u32 store(float x) {
  return x == x ? bits_of(x) : 0x7fc00000u;
}

__global__ void evaluate(const u32* inputs, u32 count, u32* outputs) {
  const u32 i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= count) return;
  const float x = float_from_bits(inputs[i]);
  const float y = float_from_bits(inputs[(i + 1) % count]);
  const float z = float_from_bits(inputs[(i + 2) % count]);
  u32* out = outputs + i;
#define OCT_UNARY(name, expression) \
  *out = store(expression);         \
  out += count;
#define OCT_BINARY OCT_UNARY
#include "math_functions.inc"
#undef OCT_UNARY
#undef OCT_BINARY
  *out = store(fma(x, y, z));
}

constexpr u32 kFunctionCount = 1
#define OCT_UNARY(name, expression) +1
#define OCT_BINARY OCT_UNARY
#include "math_functions.inc"
#undef OCT_UNARY
#undef OCT_BINARY
    ;

}  // namespace
}  // namespace oct::inline OCT_ISA

bool oct::math_results_cuda(const u32* inputs, u32 count, u32* outputs) {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) return false;
  u32 *device_inputs = nullptr, *device_outputs = nullptr;
  const size_t input_bytes = sizeof(u32) * count, output_bytes = input_bytes * kFunctionCount;
  bool good = cudaMalloc(&device_inputs, input_bytes) == cudaSuccess &&
              cudaMalloc(&device_outputs, output_bytes) == cudaSuccess &&
              cudaMemcpy(device_inputs, inputs, input_bytes, cudaMemcpyHostToDevice) == cudaSuccess;
  if (good) {
    evaluate<<<(count + 127) / 128, 128>>>(device_inputs, count, device_outputs);
    good = cudaGetLastError() == cudaSuccess &&
           cudaMemcpy(outputs, device_outputs, output_bytes, cudaMemcpyDeviceToHost) == cudaSuccess;
  }
  cudaFree(device_inputs);
  cudaFree(device_outputs);
  return good;
}
