// What GPUs of this computer make of the same scenes. Without one these tests say so and pass.
#include <random>

#include "support/catch.hpp"
#include "support/rendering.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// The first GPU, or null.
std::unique_ptr<Device> first_gpu() {
  const CudaDevices found = list_cuda_devices();
  if (found.devices.empty()) {
    CHECK_FALSE(found.reason.empty());
    WARN("no CUDA GPU (" << found.reason << "): not tested on one");
    return nullptr;
  }
  auto device = make_cuda_device(found.devices.front().index);
  REQUIRE(device);
  return std::move(*device);
}

}  // namespace

TEST_CASE("a GPU that does not exist is refused with a reason", "[device]") {
  const auto device = make_cuda_device(999);
  REQUIRE_FALSE(device);
  CHECK(device.error().kind == ErrorKind::unavailable);
}

TEST_CASE("a GPU makes the film of the CPU", "[gpu]") {
  const auto gpu = first_gpu();
  if (!gpu) return;
  const auto cpu = cpu_device(0);
  const RenderDataPtr data = compile_for_test(small_room(), picture(150, 83, 21, 8));
  CHECK(render_picture(*gpu, data).hash() == render_picture(*cpu, data).hash());
}

TEST_CASE("a GPU finds the hits of the CPU", "[gpu]") {
  const auto gpu = first_gpu();
  if (!gpu) return;
  const auto cpu = cpu_device(0);
  const RenderDataPtr data = compile_for_test(small_room(), picture(16, 16, 1, 1));
  std::stop_token never;
  ProgressCounter progress{0};
  REQUIRE(gpu->upload(0, data, never, progress));
  REQUIRE(cpu->upload(0, data, never, progress));
  std::mt19937 random(1);
  std::uniform_real_distribution<float> coordinate(-3, 3);
  std::vector<Ray> rays(100000);
  for (Ray& ray : rays) {
    ray = {{coordinate(random), coordinate(random), coordinate(random)},
           0,
           {0, 0, 1},
           1e30f,
           {-1, 0, 0},
           kNone,
           kNone};
    ray.direction = {coordinate(random), coordinate(random), coordinate(random)};
  }
  std::vector<Hit> gpu_hits(rays.size()), cpu_hits(rays.size());
  REQUIRE(gpu->trace(0, rays, gpu_hits));
  REQUIRE(cpu->trace(0, rays, cpu_hits));
  std::size_t different = 0;
  for (std::size_t i = 0; i < rays.size(); ++i) {
    const Hit &a = gpu_hits[i], &b = cpu_hits[i];
    const bool equal =
        a.t == b.t && a.u == b.u && a.v == b.v && a.instance == b.instance && a.primitive == b.primitive;
    different += equal ? 0 : 1;
  }
  CHECK(different == 0);
}
