#include <cuda_runtime.h>

#include <chrono>
#include <functional>

#include "gpu/bench/gpu_time.hpp"
#include "gpu/bench/micro.hpp"

namespace oct::bench {
namespace {

constexpr unsigned kLineBytes = 128;
constexpr unsigned kLanes = 32;
constexpr unsigned kBlockThreads = 256;
constexpr unsigned kAreaBytes = 1u << 20;
constexpr unsigned kBlocksEach = 4;  // of a multiprocessor: 32 warps

unsigned multiprocessors() {
  int device = 0, count = 0;
  cudaGetDevice(&device);
  cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device);
  return static_cast<unsigned>(count);
}

/// Cycles of one multiprocessor, of all that work at the same time, for each of `operations` that it does.
double cycles_each(double seconds, double operations, double clock_rate) {
  return seconds < 0 ? -1 : seconds * clock_rate / operations;
}

template <class Value>
__device__ unsigned first_word(const Value& value) {
  return static_cast<unsigned>(value);
}
template <>
__device__ unsigned first_word(const uint4& value) {
  return value.x;
}

/// Four chains of loads, each place found by what was loaded before: zeros, which the compiler does not know.
template <class Value, bool kInL1>
__global__ void load(const char* data, unsigned area, unsigned lines, unsigned rounds, unsigned* result) {
  const unsigned lane = threadIdx.x % kLanes, warp = (blockIdx.x * kBlockThreads + threadIdx.x) / kLanes;
  const unsigned each = kLanes / lines;  // lanes that share a line
  const unsigned within = lane / each * kLineBytes + lane % each * sizeof(Value) % kLineBytes;
  unsigned place[4], sum = 0;
  for (unsigned i = 0; i < 4; ++i) place[i] = (warp * 4 + i) * lines * kLineBytes;
  for (unsigned round = 0; round < rounds; ++round) {
    for (unsigned i = 0; i < 4; ++i) {
      const auto* const from = reinterpret_cast<const Value*>(data + (place[i] + within) % area);
      const unsigned loaded = first_word(kInL1 ? __ldca(from) : __ldcg(from));
      place[i] += lines * kLineBytes + loaded;
      sum += loaded;
    }
  }
  if (sum != 0) *result = sum;
}

template <class Value>
bool measure_width(bool in_l1, const char* data, unsigned* result, double clock_rate,
                   std::vector<LoadCost>& costs) {
  constexpr unsigned kRounds = 2000;
  const unsigned area = in_l1 ? 16u << 10 : kAreaBytes;  // powers of two
  const auto kernel = in_l1 ? load<Value, true> : load<Value, false>;
  for (unsigned lines = 1; lines <= kLanes; lines *= 2) {
    const double seconds = best_gpu_seconds(3, [&] {
      kernel<<<multiprocessors() * kBlocksEach, kBlockThreads>>>(data, area, lines, kRounds, result);
    });
    const double operations = 4.0 * kRounds * kBlocksEach * kBlockThreads / kLanes;
    const double cycles = cycles_each(seconds, operations, clock_rate);
    if (cycles < 0) return false;
    costs.push_back({static_cast<std::uint32_t>(sizeof(Value)), lines, cycles});
  }
  return true;
}

// One statement of 64 instructions on four chains: as statements of their own they would keep the compiler busy for minutes.
#define OCT_FOUR(text) text text text text
#define OCT_STRAIGHT                            \
  OCT_FOUR(                                     \
      OCT_FOUR("fma.rn.f32 %0, %0, %0, %0;\n\t" \
               "fma.rn.f32 %1, %1, %1, %1;\n\t" \
               "fma.rn.f32 %2, %2, %2, %2;\n\t" \
               "fma.rn.f32 %3, %3, %3, %3;\n\t"))

/// kCount instructions, a multiple of 64, none of which can be left out.
template <unsigned kCount>
__device__ __forceinline__ void straight(float (&x)[4]) {
  static_assert(kCount % 64 == 0);
#pragma unroll
  for (unsigned i = 0; i < kCount / 64; ++i)
    asm volatile(OCT_STRAIGHT : "+f"(x[0]), "+f"(x[1]), "+f"(x[2]), "+f"(x[3]));
}

template <unsigned kCount>
__global__ void run_straight(unsigned rounds, float* result) {
  float x[4] = {1.0f * threadIdx.x, 2, 3, 4};
#pragma unroll 1
  for (unsigned round = 0; round < rounds; ++round) straight<kCount>(x);
  if (x[0] + x[1] + x[2] + x[3] == 0.5f) *result = x[0];
}

template <unsigned kCount>
bool measure_code(float* result, double clock_rate, std::vector<CodeCost>& costs) {
  constexpr unsigned kWork = 1u << 19, kBytesEach = 16;
  const double seconds = best_gpu_seconds(
      3, [&] { run_straight<kCount><<<multiprocessors() * 2, kBlockThreads>>>(kWork / kCount, result); });
  const double cycles = cycles_each(seconds, 1.0 * kWork * 2 * kBlockThreads / kLanes, clock_rate);
  costs.push_back({kCount * kBytesEach, cycles});
  return cycles >= 0;
}

enum class Mix { fma, integer, both };

template <Mix kMix>
__global__ void issue(unsigned rounds, float* result) {
  float x[8];
  unsigned n[8];
  for (unsigned i = 0; i < 8; ++i) x[i] = n[i] = threadIdx.x + i;
#pragma unroll 1
  for (unsigned round = 0; round < rounds; ++round) {
#pragma unroll
    for (unsigned i = 0; i < 64; ++i) {
      if (kMix == Mix::fma || (kMix == Mix::both && i % 2 == 0)) {
        asm volatile("fma.rn.f32 %0, %0, %0, %0;" : "+f"(x[i % 8]));
      } else {
        asm volatile("xor.b32 %0, %0, %1;" : "+r"(n[i % 8]) : "r"(round));
      }
    }
  }
  float sum = 0;
  for (unsigned i = 0; i < 8; ++i) sum += x[i] + static_cast<float>(n[i]);
  if (sum == 0.5f) *result = sum;
}

template <Mix kMix>
double issue_rate(float* result, double clock_rate) {
  constexpr unsigned kRounds = 4000;
  const double seconds = best_gpu_seconds(
      3, [&] { issue<kMix><<<multiprocessors() * kBlocksEach, kBlockThreads>>>(kRounds, result); });
  const double operations = 64.0 * kRounds * kBlocksEach * kBlockThreads / kLanes;
  return seconds <= 0 ? -1 : operations / (seconds * clock_rate);
}

__global__ void count_cycles(unsigned rounds, long long* cycles) {
  float x = threadIdx.x;
  const long long begin = clock64();
  for (unsigned i = 0; i < rounds; ++i) asm volatile("fma.rn.f32 %0, %0, %0, %0;" : "+f"(x));
  if (threadIdx.x == 0 && blockIdx.x == 0) *cycles = clock64() - begin;
}

__global__ void nothing() {}

double microseconds_each(unsigned count, const std::function<void()>& action) {
  const auto begin = std::chrono::steady_clock::now();
  for (unsigned i = 0; i < count; ++i) action();
  cudaDeviceSynchronize();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count() / count;
}

}  // namespace

double measure_clock_rate() {
  GpuMemory cycles(sizeof(long long));
  if (!cycles) return -1;
  const double seconds = best_gpu_seconds(3, [&] {
    count_cycles<<<multiprocessors() * kBlocksEach, kBlockThreads>>>(1u << 19, cycles.as<long long>());
  });
  long long count = 0;
  if (seconds <= 0 ||
      cudaMemcpy(&count, cycles.as<void>(), sizeof count, cudaMemcpyDeviceToHost) != cudaSuccess)
    return -1;
  return static_cast<double>(count) / seconds;
}

std::vector<LoadCost> measure_loads(bool in_l1) {
  GpuMemory data(kAreaBytes), result(sizeof(unsigned));
  const double clock_rate = measure_clock_rate();
  if (!data || !result || clock_rate <= 0) return {};
  std::vector<LoadCost> costs;
  const char* const from = data.as<const char>();
  const bool good = measure_width<unsigned char>(in_l1, from, result.as<unsigned>(), clock_rate, costs) &&
                    measure_width<unsigned>(in_l1, from, result.as<unsigned>(), clock_rate, costs) &&
                    measure_width<uint4>(in_l1, from, result.as<unsigned>(), clock_rate, costs);
  if (!good) costs.clear();
  return costs;
}

std::vector<CodeCost> measure_code_sizes() {
  GpuMemory result(sizeof(float));
  const double clock_rate = measure_clock_rate();
  if (!result || clock_rate <= 0) return {};
  std::vector<CodeCost> costs;
  float* const to = result.as<float>();
  const bool good = measure_code<256>(to, clock_rate, costs) && measure_code<512>(to, clock_rate, costs) &&
                    measure_code<1024>(to, clock_rate, costs) && measure_code<1536>(to, clock_rate, costs) &&
                    measure_code<2048>(to, clock_rate, costs) && measure_code<3072>(to, clock_rate, costs) &&
                    measure_code<4096>(to, clock_rate, costs) && measure_code<6144>(to, clock_rate, costs) &&
                    measure_code<8192>(to, clock_rate, costs) && measure_code<16384>(to, clock_rate, costs);
  if (!good) costs.clear();
  return costs;
}

IssueRates measure_issue_rates() {
  GpuMemory result(sizeof(float));
  const double clock_rate = measure_clock_rate();
  if (!result || clock_rate <= 0) return {-1, -1, -1};
  float* const to = result.as<float>();
  return {issue_rate<Mix::fma>(to, clock_rate), issue_rate<Mix::integer>(to, clock_rate),
          issue_rate<Mix::both>(to, clock_rate)};
}

LaunchCosts measure_launches() {
  GpuMemory memory(16);
  if (!memory) return {-1, -1, -1};
  char here[16];
  const auto launch = [] { nothing<<<1, 32>>>(); };
  microseconds_each(100, launch);
  LaunchCosts costs{};
  costs.launch = microseconds_each(2000, launch);
  costs.launch_and_wait = microseconds_each(500, [&] {
    launch();
    cudaDeviceSynchronize();
  });
  costs.launch_and_read = microseconds_each(500, [&] {
    launch();
    cudaMemcpyAsync(here, memory.as<void>(), sizeof here, cudaMemcpyDeviceToHost);
    cudaDeviceSynchronize();
  });
  return cudaGetLastError() == cudaSuccess ? costs : LaunchCosts{-1, -1, -1};
}

}  // namespace oct::bench
