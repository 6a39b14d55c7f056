// The product's GPU device, from upload to film, on GPUs that do not exist.
#include <cuda_runtime_api.h>

#include <atomic>
#include <random>
#include <thread>

#include "device/canary.hpp"
#include "device/tree_store.hpp"
#include "simt_runtime/runtime.hpp"
#include "support/catch.hpp"
#include "support/rendering.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

std::unique_ptr<Device> gpu(std::uint32_t index, std::shared_ptr<TreeStore> trees = nullptr) {
  auto device = make_cuda_device(index, std::move(trees));
  if (!device) FAIL(device.error().message);
  return *std::move(device);
}

std::unique_ptr<Device> first_gpu_of(const char* plan) {
  simt::set_runtime_plan(simt::parse_runtime_plan(plan));
  return gpu(0);
}

RenderDataPtr small_picture(std::uint32_t samples = 2) {
  return compile_for_test(small_room(), picture(18, 12, samples, 4));
}

RenderDataPtr other_picture() {
  return compile_for_test(scaled(small_room(), 0.5f), picture(10, 8, 2, 3));
}

std::string upload_to(Device& device, std::uint32_t slot, const RenderDataPtr& data) {
  ProgressCounter progress{0};
  const auto uploaded = device.upload(slot, data, {}, progress);
  return uploaded ? "" : uploaded.error().message;
}

Digest film_in(Device& device, std::uint32_t slot, const RenderDataPtr& data) {
  return render_slot(device, slot, data->settings[0], {whole_picture(data->settings[0])}).hash();
}

Digest cpu_film(const RenderDataPtr& data) {
  return render_picture(*cpu_device(1), data).hash();
}

std::vector<Ray> any_rays(std::size_t count) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> coordinate(-3, 3);
  std::vector<Ray> rays(count);
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
  return rays;
}

bool is_same(const Hit& a, const Hit& b) {
  return a.t == b.t && a.u == b.u && a.v == b.v && a.instance == b.instance && a.primitive == b.primitive;
}

}  // namespace

TEST_CASE("the GPU device renders the film of the CPU from both slots", "[simt]") {
  const auto device = first_gpu_of("");
  const RenderDataPtr first = small_picture(), second = other_picture();
  REQUIRE(upload_to(*device, 0, first) == "");
  REQUIRE(upload_to(*device, 1, second) == "");
  CHECK(film_in(*device, 1, second) == cpu_film(second));
  CHECK(film_in(*device, 0, first) == cpu_film(first));
  CHECK(device->uploaded_bytes() > 0);
}

TEST_CASE("the GPU device computes the canary that every device must", "[simt]") {
  const auto device = first_gpu_of("");
  const auto digest = device->canary({});
  REQUIRE(digest);
  CHECK(*digest == expected_canary());
}

TEST_CASE("the GPU device finds the hits of the CPU", "[simt]") {
  const auto device = first_gpu_of("");
  const auto cpu = cpu_device(1);
  const RenderDataPtr data = small_picture();
  REQUIRE(upload_to(*device, 0, data) == "");
  REQUIRE(upload_to(*cpu, 0, data) == "");
  const std::vector<Ray> rays = any_rays(2000);
  std::vector<Hit> hits(rays.size()), expected(rays.size());
  REQUIRE(device->trace(0, rays, hits));
  REQUIRE(cpu->trace(0, rays, expected));
  CHECK(std::equal(hits.begin(), hits.end(), expected.begin(), is_same));
}

TEST_CASE("a slot of the GPU device is filled and emptied while the other one renders", "[simt]") {
  const auto device = first_gpu_of("");
  const RenderDataPtr current = small_picture(1), next = other_picture();
  const Digest film = cpu_film(current);
  REQUIRE(upload_to(*device, 0, current) == "");
  std::atomic<bool> uploading{true};
  std::string fault;
  std::thread uploader([&] {
    for (int i = 0; i < 6 && fault.empty(); ++i) {
      if (i % 2 == 1) device->release(1);
      fault = upload_to(*device, 1, i % 4 == 2 ? current : next);
    }
    if (fault.empty()) fault = upload_to(*device, 1, next);
    uploading = false;
  });
  do {
    CHECK(film_in(*device, 0, current) == film);
  } while (uploading);
  uploader.join();
  CHECK(fault == "");
  CHECK(film_in(*device, 1, next) == cpu_film(next));
}

TEST_CASE("a lease of the GPU device that is cancelled says so and leaves it usable", "[simt]") {
  const auto device = first_gpu_of("");
  const RenderDataPtr data = small_picture();
  REQUIRE(upload_to(*device, 0, data) == "");
  std::stop_source stop;
  stop.request_stop();
  ProgressCounter progress{0};
  const auto rendered = device->render(0, whole_picture(data->settings[0]), stop.get_token(), progress,
                                       [](const FilmContribution&) { FAIL("it sent something"); });
  REQUIRE_FALSE(rendered);
  CHECK(rendered.error().kind == ErrorKind::cancelled);
  CHECK(film_in(*device, 0, data) == cpu_film(data));
}

TEST_CASE("large arrays go to the GPU through pinned memory, in pieces, and arrive whole", "[simt]") {
  const auto device = first_gpu_of("");
  Scene scene = small_room();
  add_object(scene, make_sphere(0.4f, 6, true),
             matte({0.5f, 0.5f, 0.5f}));  // 80 000 triangles: several blocks
  const RenderDataPtr data = compile_for_test(scene, picture(12, 8, 1, 2));
  REQUIRE(upload_to(*device, 0, data) == "");
  CHECK(simt::runtime_counts().pinned_bytes > 8u << 20);
  CHECK(film_in(*device, 0, data) == cpu_film(data));
}

TEST_CASE("without memory to pin a scene is copied all the same", "[simt]") {
  const auto device = first_gpu_of("fault=0:pin:1:memory");
  Scene scene = small_room();
  add_object(scene, make_sphere(0.4f, 5, true), matte({0.5f, 0.5f, 0.5f}));
  const RenderDataPtr data = compile_for_test(scene, picture(12, 8, 1, 2));
  REQUIRE(upload_to(*device, 0, data) == "");
  CHECK(film_in(*device, 0, data) == cpu_film(data));
}

TEST_CASE("memory that runs out at any allocation is told, and leaves the device usable", "[simt]") {
  const RenderDataPtr data = small_picture(1);
  const Digest film = cpu_film(data);
  for (int nth = 1;; ++nth) {
    INFO("allocation " << nth);
    const auto device = first_gpu_of(("fault=0:allocate:" + std::to_string(nth) + ":memory").c_str());
    const std::string fault = upload_to(*device, 0, data);
    if (fault.empty()) {
      CHECK(nth > 10);
      break;
    }
    CHECK(fault.find("GPU 0 Simulated GPU: ") == 0);
    CHECK(fault.find("out of memory (CUDA error 2)") != std::string::npos);
    CHECK_FALSE(device->is_lost());
    REQUIRE(upload_to(*device, 0, data) == "");
    CHECK(film_in(*device, 0, data) == film);
  }
}

TEST_CASE("a GPU whose memory does not suffice says what the scene needs", "[simt]") {
  const auto device = first_gpu_of("memory=0:2.8e8");
  ProgressCounter progress{0};
  const auto uploaded = device->upload(0, small_picture(1), {}, progress);
  REQUIRE_FALSE(uploaded);
  CHECK(uploaded.error().kind == ErrorKind::exhausted);
  CHECK(uploaded.error().message.ends_with(" GB for this scene, 0.3 GB are free"));
  CHECK(device->free_bytes() == 280'000'000);
}

TEST_CASE("an error that breaks a context is told with its help, and the device is lost", "[simt]") {
  const RenderDataPtr data = small_picture(1);
  for (const char* error : {"illegal_address", "launch_timeout", "launch_failure", "ecc", "unknown"}) {
    INFO(error);
    const auto device = first_gpu_of((std::string("fault=0:launch:3:") + error).c_str());
    REQUIRE(upload_to(*device, 0, data) == "");
    ProgressCounter progress{0};
    const auto rendered =
        device->render(0, whole_picture(data->settings[0]), {}, progress, [](const FilmContribution&) {});
    REQUIRE_FALSE(rendered);
    CHECK(rendered.error().kind == ErrorKind::unavailable);
    CHECK(rendered.error().message.find("GPU 0 Simulated GPU: rendering failed: ") == 0);
    CHECK_FALSE(rendered.error().help.empty());
    CHECK(device->is_lost());
    CHECK_FALSE(device->free_bytes());
    CHECK(upload_to(*device, 1, data) != "");
  }
}

TEST_CASE("a GPU that cannot be opened says why", "[simt]") {
  for (const auto& [plan, why] :
       {std::pair("fault=0:open:1+:devices_unavailable", "the GPU cannot be used"),
        std::pair("fault=0:info:1+:no_kernel_image", "its kernels cannot be loaded")}) {
    simt::set_runtime_plan(simt::parse_runtime_plan(plan));
    const auto device = make_cuda_device(0);
    REQUIRE_FALSE(device);
    CHECK(device.error().message.find(why) != std::string::npos);
    CHECK_FALSE(device.error().help.empty());
  }
}

TEST_CASE("an error of an earlier call is not taken for one of rendering", "[simt]") {
  const auto device = first_gpu_of("memory=0:1e9");
  const RenderDataPtr data = small_picture(1);
  REQUIRE(upload_to(*device, 0, data) == "");
  void* memory = nullptr;
  REQUIRE(cudaMalloc(&memory, 2'000'000'000) == cudaErrorMemoryAllocation);  // and it stays the last error
  CHECK(film_in(*device, 0, data) == cpu_film(data));
}

TEST_CASE("no GPU comes with a reason", "[simt]") {
  simt::set_runtime_plan(simt::parse_runtime_plan("fault=0:count:1+:driver_too_old"));
  CHECK(list_cuda_devices().devices.empty());
  CHECK(list_cuda_devices().reason == "the driver is older than this program needs");
  simt::set_runtime_plan(simt::parse_runtime_plan("gpus=0"));
  CHECK(list_cuda_devices().reason == "none in this computer");
}

TEST_CASE("a moved camera copies nothing but itself to the GPU", "[simt]") {
  const auto device = first_gpu_of("");
  const RenderDataPtr data = small_picture();
  Camera camera = data->cameras[0];
  camera.world_from_camera.m[7] += 0.25f;
  const auto moved =
      std::make_shared<const RenderData>(with_camera_and_settings(*data, camera, data->settings[0]));
  REQUIRE(upload_to(*device, 0, data) == "");
  const std::uint64_t before = device->uploaded_bytes();
  REQUIRE(upload_to(*device, 1, moved) == "");
  CHECK(device->uploaded_bytes() - before == sizeof(Camera));
  CHECK(film_in(*device, 1, moved) == cpu_film(moved));
}

TEST_CASE("the GPU device gives back all that it took", "[simt]") {
  {
    const auto device = first_gpu_of("");
    const RenderDataPtr data = small_picture(1);
    REQUIRE(upload_to(*device, 0, data) == "");
    REQUIRE(upload_to(*device, 1, other_picture()) == "");
    REQUIRE(device->canary({}));
    film_in(*device, 0, data);
    device->release(1);
    CHECK(simt::runtime_counts().allocations > 0);
  }
  const simt::RuntimeCounts counts = simt::runtime_counts();
  CHECK(counts.allocations == 0);
  CHECK(counts.pinned == 0);
  CHECK(counts.streams == 0);
  CHECK(counts.events == 0);
}

TEST_CASE("several GPUs render with one tree, each in its own memory", "[simt]") {
  simt::set_runtime_plan(simt::parse_runtime_plan("gpus=3"));
  const auto trees = std::make_shared<TreeStore>();
  const RenderDataPtr data = small_picture(1);
  const Digest film = cpu_film(data);
  std::vector<std::unique_ptr<Device>> devices;
  for (const DeviceInfo& info : list_cuda_devices().devices) devices.push_back(gpu(info.index, trees));
  REQUIRE(devices.size() == 3);
  for (const auto& device : devices) {
    REQUIRE(upload_to(*device, 0, data) == "");
    CHECK(film_in(*device, 0, data) == film);
  }
  CHECK(trees->built_count() == 1);
}
