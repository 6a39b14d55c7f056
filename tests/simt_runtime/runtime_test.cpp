// The stand-in behaves as CUDA's runtime library is documented to.
#include <cuda_runtime_api.h>

#include <array>

#include "simt/fault.hpp"
#include "simt_runtime/runtime.hpp"
#include "support/catch.hpp"

using namespace oct::simt;

namespace {

void use(const char* plan) {
  set_runtime_plan(parse_runtime_plan(plan));
  cudaSetDevice(0);
  cudaGetLastError();
}

cudaStream_t new_stream() {
  cudaStream_t stream = nullptr;
  REQUIRE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess);
  return stream;
}

int* on_gpu() {
  void* data = nullptr;
  REQUIRE(cudaMalloc(&data, sizeof(int)) == cudaSuccess);
  return static_cast<int*>(data);
}

int* pinned(int value) {
  void* data = nullptr;
  REQUIRE(cudaHostAlloc(&data, sizeof(int), cudaHostAllocDefault) == cudaSuccess);
  *static_cast<int*>(data) = value;
  return static_cast<int*>(data);
}

}  // namespace

TEST_CASE("a plan describes GPUs and what goes wrong", "[simt]") {
  const RuntimePlan plan = parse_runtime_plan(
      "gpus=2 memory=1:2e9 used=0:1e6 fault=1:launch:3+:illegal_address fault=0:wait:1:slow20");
  REQUIRE(plan.gpus.size() == 2);
  CHECK(plan.gpus[1].memory_bytes == 2'000'000'000);
  CHECK(plan.gpus[0].used_bytes == 1'000'000);
  REQUIRE(plan.rules.size() == 2);
  CHECK(plan.rules[0].gpu == 1);
  CHECK(plan.rules[0].nth == 3);
  CHECK(plan.rules[0].onwards);
  CHECK(plan.rules[0].error == cudaErrorIllegalAddress);
  CHECK(plan.rules[1].effect == FaultRule::Effect::slow);
  CHECK(plan.rules[1].ms == 20);
}

TEST_CASE("a plan that nobody understands is refused", "[simt]") {
  for (const char* text : {"gpu=2", "gpus=many", "memory=3:1e9", "fault=0:launch:1", "fault=0:lunch:1:hang",
                           "fault=0:launch:1:boredom", "fault=0:launch:x:hang"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_runtime_plan(text), Fault);
  }
}

TEST_CASE("pinned memory is read and written when the stream comes to it", "[simt]") {
  use("");
  const cudaStream_t stream = new_stream();
  int* there = on_gpu();
  int* from = pinned(1);
  int* back = pinned(0);
  REQUIRE(cudaMemcpyAsync(there, from, sizeof(int), cudaMemcpyHostToDevice, stream) == cudaSuccess);
  REQUIRE(cudaMemcpyAsync(back, there, sizeof(int), cudaMemcpyDeviceToHost, stream) == cudaSuccess);
  *from = 2;  // too early, and the copy shows it
  CHECK(*back == 0);
  REQUIRE(cudaStreamSynchronize(stream) == cudaSuccess);
  CHECK(*back == 2);
}

TEST_CASE("memory that is not pinned may be changed as soon as the call returns", "[simt]") {
  use("");
  const cudaStream_t stream = new_stream();
  int* there = on_gpu();
  int from = 1, back = 0;
  REQUIRE(cudaMemcpyAsync(there, &from, sizeof(int), cudaMemcpyHostToDevice, stream) == cudaSuccess);
  from = 2;
  REQUIRE(cudaMemcpyAsync(&back, there, sizeof(int), cudaMemcpyDeviceToHost, stream) == cudaSuccess);
  CHECK(back == 1);
}

TEST_CASE("a plain copy does not wait for a stream that is apart", "[simt]") {
  use("");
  const cudaStream_t stream = new_stream();
  int* there = on_gpu();
  int old = 0, back = 0;
  REQUIRE(cudaMemcpy(there, &old, sizeof(int), cudaMemcpyHostToDevice) == cudaSuccess);
  REQUIRE(cudaMemsetAsync(there, 1, sizeof(int), stream) == cudaSuccess);
  REQUIRE(cudaMemcpy(&back, there, sizeof(int), cudaMemcpyDeviceToHost) == cudaSuccess);
  CHECK(back == 0);
  REQUIRE(cudaStreamSynchronize(stream) == cudaSuccess);
  REQUIRE(cudaMemcpy(&back, there, sizeof(int), cudaMemcpyDeviceToHost) == cudaSuccess);
  CHECK(back == 0x01010101);
}

TEST_CASE("an event orders the work of two streams", "[simt]") {
  use("");
  const cudaStream_t first = new_stream(), second = new_stream();
  int* there = on_gpu();
  int* back = pinned(0);
  cudaEvent_t event = nullptr;
  REQUIRE(cudaEventCreateWithFlags(&event, cudaEventDisableTiming) == cudaSuccess);
  REQUIRE(cudaMemsetAsync(there, 3, sizeof(int), first) == cudaSuccess);
  REQUIRE(cudaEventRecord(event, first) == cudaSuccess);
  REQUIRE(cudaStreamWaitEvent(second, event, 0) == cudaSuccess);
  REQUIRE(cudaMemcpyAsync(back, there, sizeof(int), cudaMemcpyDeviceToHost, second) == cudaSuccess);
  REQUIRE(cudaStreamSynchronize(second) == cudaSuccess);
  CHECK(*back == 0x03030303);
  CHECK(cudaEventQuery(event) == cudaSuccess);
}

TEST_CASE("an error of a call stays the last one until somebody asks, and nothing else is lost", "[simt]") {
  use("memory=0:1000000");
  void* data = nullptr;
  CHECK(cudaMalloc(&data, 2'000'000) == cudaErrorMemoryAllocation);
  CHECK(cudaMalloc(&data, 1000) == cudaSuccess);
  CHECK(cudaGetLastError() == cudaErrorMemoryAllocation);
  CHECK(cudaGetLastError() == cudaSuccess);
  std::size_t free_bytes = 0, total_bytes = 0;
  REQUIRE(cudaMemGetInfo(&free_bytes, &total_bytes) == cudaSuccess);
  CHECK(free_bytes == 1'000'000 - 1024);
  REQUIRE(cudaFree(data) == cudaSuccess);
  REQUIRE(cudaMemGetInfo(&free_bytes, &total_bytes) == cudaSuccess);
  CHECK(free_bytes == 1'000'000);
}

TEST_CASE("a GPU that is lost answers everything with the same error, another one does not", "[simt]") {
  use("gpus=2 fault=0:copy:2:ecc");
  int* there = on_gpu();
  const cudaStream_t stream = new_stream();
  CHECK(cudaMemsetAsync(there, 0, sizeof(int), stream) == cudaSuccess);
  CHECK(cudaMemsetAsync(there, 0, sizeof(int), stream) == cudaSuccess);  // nobody knows yet
  CHECK(cudaStreamSynchronize(stream) == cudaErrorECCUncorrectable);
  void* data = nullptr;
  CHECK(cudaMalloc(&data, 8) == cudaErrorECCUncorrectable);
  CHECK(cudaSetDevice(0) == cudaErrorECCUncorrectable);
  REQUIRE(cudaSetDevice(1) == cudaSuccess);
  CHECK(cudaMalloc(&data, 8) == cudaSuccess);
  cudaSetDevice(0);
}

TEST_CASE("a stream belongs to the GPU that it was made on", "[simt]") {
  use("gpus=2");
  REQUIRE(cudaSetDevice(0) == cudaSuccess);
  const cudaStream_t stream = new_stream();
  int* there = on_gpu();
  REQUIRE(cudaSetDevice(1) == cudaSuccess);
  CHECK(cudaMemsetAsync(there, 0, sizeof(int), stream) == cudaErrorInvalidResourceHandle);
  REQUIRE(cudaSetDevice(0) == cudaSuccess);
  CHECK(cudaMemsetAsync(there, 0, sizeof(int), stream) == cudaSuccess);
}

TEST_CASE("what is copied must lie in a GPU's memory", "[simt]") {
  use("");
  int* there = on_gpu();
  std::array<int, 2> here{};
  CHECK(cudaMemcpy(there, here.data(), sizeof here, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
  CHECK(cudaMemcpy(here.data(), here.data(), sizeof here, cudaMemcpyDeviceToHost) == cudaErrorInvalidValue);
}

TEST_CASE("no GPU, or a driver that is too old, shows when they are counted", "[simt]") {
  int count = -1;
  use("gpus=0");
  CHECK(cudaGetDeviceCount(&count) == cudaErrorNoDevice);
  CHECK(count == 0);
  use("fault=0:count:1+:driver_too_old");
  CHECK(cudaGetDeviceCount(&count) == cudaErrorInsufficientDriver);
}
