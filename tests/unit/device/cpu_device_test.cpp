#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "device/cpu_info.hpp"
#include "device/describe_pixel.hpp"
#include "device/device.hpp"
#include "math/scalar.hpp"
#include "support/catch.hpp"
#include "support/rendering.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

TEST_CASE("the CPU device says what it is", "[device]") {
  const std::unique_ptr<Device> device = cpu_device(3, CpuIsa::x64);
  CHECK(device->info().kind == DeviceKind::cpu);
  CHECK(device->info().threads == 3);
  CHECK(device->info().name == cpu_name() + ", 3 threads, SSE2");
  CHECK(device->info().memory_bytes == physical_memory_bytes());
}

TEST_CASE("without a scene the CPU device renders and traces nothing", "[device]") {
  const std::unique_ptr<Device> device = cpu_device(1);
  ProgressCounter progress{0};
  CHECK(device->render(0, {1, {{0, 0, 1}}}, {}, progress, [](FilmContribution) {}).error().kind ==
        ErrorKind::unavailable);
  Ray ray{};
  Hit hit{};
  CHECK_FALSE(device->trace(0, {&ray, 1}, {&hit, 1}));
}

TEST_CASE("the CPU device answers a lease with possible sums of exactly its units", "[device]") {
  const RenderDataPtr data = compile_for_test(small_room(), picture(40, 20, 20, 4));
  const std::unique_ptr<Device> device = cpu_device(2);
  ProgressCounter progress{0};
  REQUIRE(device->upload(0, data, {}, progress));
  const std::uint64_t after_upload = progress;
  CHECK(after_upload > 0);
  const Lease lease{5, {{4, 0, 1}, {1, 2, 4}, {1, 1, 2}}};
  std::vector<FilmContribution> received;
  REQUIRE(
      device->render(0, lease, {}, progress, [&](FilmContribution c) { received.push_back(std::move(c)); }));
  CHECK(progress > after_upload);
  REQUIRE(received.size() == 3);
  for (const FilmContribution& contribution : received) {
    CHECK(check_contribution(data->settings[0], contribution));
    CHECK(contribution.non_finite_samples == 0);
    CHECK(std::any_of(contribution.sums.begin(), contribution.sums.end(), [](i64 sum) { return sum > 0; }));
  }
}

TEST_CASE("a lease of units that do not exist is refused", "[device]") {
  const RenderDataPtr data = compile_for_test(small_room(), picture(16, 16, 4, 1));
  const std::unique_ptr<Device> device = cpu_device(1);
  ProgressCounter progress{0};
  REQUIRE(device->upload(0, data, {}, progress));
  CHECK(device->render(0, {1, {{1, 0, 1}}}, {}, progress, [](FilmContribution) {}).error().kind ==
        ErrorKind::invalid_input);
}

TEST_CASE("a stop request ends a long lease after a few batches and spoils nothing", "[device]") {
  // Far more samples than a test could wait for
  CompileOptions options = picture(64, 64, 1u << 24, 4);
  options.contribution_limit = 16;
  const RenderDataPtr data = compile_for_test(small_room(), options);
  const std::unique_ptr<Device> device = cpu_device(2);
  ProgressCounter progress{0};
  REQUIRE(device->upload(0, data, {}, progress));
  const Lease lease = whole_picture(data->settings[0]);
  std::stop_source stop;
  const std::uint64_t before = progress;
  std::jthread stopper([&] {
    while (progress < before + 4) std::this_thread::yield();
    stop.request_stop();
  });
  const Result<void> result = device->render(0, lease, stop.get_token(), progress, [](FilmContribution) {});
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::cancelled);

  const Lease short_lease{2, {{0, 0, 1}}};
  int received = 0;
  CHECK(device->render(0, short_lease, {}, progress, [&](FilmContribution) { ++received; }));
  CHECK(received == 1);
}

TEST_CASE("an upload replaces the scene", "[device]") {
  const RenderDataPtr room = compile_for_test(small_room(), picture(16, 16, 4, 2));
  Scene other = small_room();
  other.lights[0].intensity = {50, 0, 0};
  const RenderDataPtr red = compile_for_test(other, picture(16, 16, 4, 2));
  const std::unique_ptr<Device> device = cpu_device(2);
  const Digest first = render_picture(*device, room).hash();
  const Digest second = render_picture(*device, red).hash();
  CHECK(first.hex() != second.hex());
  CHECK(render_picture(*device, room).hash().hex() == first.hex());
}

TEST_CASE("each slot of a device has its own scene", "[device]") {
  const RenderDataPtr room = compile_for_test(small_room(), picture(16, 16, 4, 2));
  Scene other = small_room();
  other.lights[0].intensity = {50, 0, 0};
  const RenderDataPtr red = compile_for_test(other, picture(24, 16, 4, 2));
  const std::unique_ptr<Device> device = cpu_device(2);
  const std::string room_film = render_picture(*device, room).hash().hex();
  const std::string red_film = render_picture(*device, red).hash().hex();

  ProgressCounter progress{0};
  REQUIRE(device->upload(1, room, {}, progress));
  const auto film_of = [&](std::uint32_t slot, const RenderDataPtr& data) {
    return render_slot(*device, slot, data->settings[0], {whole_picture(data->settings[0])}).hash().hex();
  };
  CHECK(film_of(1, room) == room_film);
  CHECK(film_of(0, red) == red_film);
  device->release(0);
  CHECK(film_of(1, room) == room_film);
  CHECK(device->render(0, {1, {{0, 0, 1}}}, {}, progress, [](FilmContribution) {}).error().kind ==
        ErrorKind::unavailable);
}

TEST_CASE("a slot is filled and emptied while the other one is rendered", "[device]") {
  const RenderDataPtr room = compile_for_test(small_room(), picture(32, 32, 64, 4));
  const RenderDataPtr next = compile_for_test(small_room(), picture(16, 16, 4, 2));
  const std::unique_ptr<Device> device = cpu_device(2);
  const std::string alone = render_picture(*device, room).hash().hex();
  std::atomic<bool> rendering{true};
  int uploads = 0;
  std::thread uploader([&] {
    ProgressCounter progress{0};
    do {
      if (device->upload(1, next, {}, progress)) ++uploads;
      device->release(1);
    } while (rendering);
  });
  const std::string beside =
      render_slot(*device, 0, room->settings[0], {whole_picture(room->settings[0])}).hash().hex();
  rendering = false;
  uploader.join();
  CHECK(beside == alone);
  CHECK(uploads > 0);
}

TEST_CASE("traced rays find the nearest surface or nothing", "[device]") {
  Scene scene;
  add_object(scene, make_quad({0, 0, 0}, {1, 0, 0}, {0, 1, 0}), matte({1, 1, 1}));
  add_object(scene, make_quad({0, 0, -3}, {1, 0, 0}, {0, 1, 0}), matte({1, 1, 1}));
  scene.environment = constant_environment(1);
  scene.cameras.push_back(look_at({0, 0, 5}, {0, 0, 0}, {0, 1, 0}, 30));
  const std::unique_ptr<Device> device = cpu_device(2);
  ProgressCounter progress{0};
  REQUIRE(device->upload(0, compile_for_test(scene, picture(16, 16, 1, 1)), {}, progress));
  std::vector<Ray> rays(10000);
  for (std::size_t i = 0; i < rays.size(); ++i) {
    rays[i] = {{i % 2 == 0 ? 0.3f : 1.5f, 0.2f, 2}, 0, {0, 0, -2}, kInfinity, {-1, 0, 0}, kNone, kNone};
  }
  std::vector<Hit> hits(rays.size());
  REQUIRE(device->trace(0, rays, hits));
  for (std::size_t i = 0; i < rays.size(); ++i) {
    if (i % 2 == 0) {
      if (hits[i].instance != 0 || std::abs(hits[i].t - 1) > 1e-5f) REQUIRE(hits[i].t == 1);
    } else if (hits[i].instance != kNone) {
      REQUIRE(hits[i].instance == kNone);
    }
  }
}

TEST_CASE("a described pixel tells the very sums that the device gives", "[device]") {
  const RenderDataPtr data = compile_for_test(small_room(), picture(24, 16, 1, 6));
  const std::unique_ptr<Device> device = cpu_device(1);
  const Film film = render_picture(*device, data);
  for (const u32 x : {3u, 9u, 14u, 20u}) {
    const u32 y = 7;
    const Result<std::string> text = describe_pixel(data, x, y, 0);
    REQUIRE(text);
    const i64* sums = film.sums().data() + (std::size_t{y} * 24 + x) * kFilmChannels;
    const std::string expected = "R " + std::to_string(sums[0]) + ", G " + std::to_string(sums[1]) + ", B " +
                                 std::to_string(sums[2]) + ", luminance " + std::to_string(sums[3]);
    CAPTURE(*text);
    CHECK(text->find(expected) != std::string::npos);
    CHECK(text->find("depth 0: ray from") != std::string::npos);
  }
  CHECK(describe_pixel(data, 24, 0, 0).error().kind == ErrorKind::invalid_input);
}
