#include "render/device_opening.hpp"

#include <future>
#include <stdexcept>
#include <thread>

#include "render/device_watch.hpp"
#include "support/catch.hpp"
#include "support/hanging_gpu.hpp"

using namespace oct;
using namespace oct::test;

namespace {

DeviceOpening::EventsOf no_events() {
  return [](std::uint32_t) { return [](RenderEvent) {}; };
}

constexpr std::chrono::milliseconds kShort{30}, kLong{20000};

}  // namespace

TEST_CASE("devices are opened side by side, and one that fails is not the others' fault", "[render]") {
  Gate gate, first_is_here;
  OpenedDevices opened(3);
  const auto open = [&](std::uint32_t number) -> Result<std::unique_ptr<Device>> {
    if (number == 0) first_is_here.open();
    first_is_here.pass();
    if (number == 1) return fail(ErrorKind::unavailable, "broken");
    if (number == 2) throw std::runtime_error("thrown");
    return std::unique_ptr<Device>(std::make_unique<HangingGpu>(gate));
  };
  DeviceOpening opening(3, open, no_events(), [&](std::uint32_t number, Result<OpenedDevice> device) {
    opened.set(number, std::move(device));
  });
  REQUIRE(opening.finish(kLong));
  OpenedDevices::List list = opened.take();
  REQUIRE((list[0] && list[1] && list[2]));
  REQUIRE(*list[0]);
  CHECK((*list[0])->canary == sha256({}));
  CHECK((*list[0])->worker->info().name == "Test");
  REQUIRE_FALSE(*list[1]);
  CHECK(list[1]->error().message == "broken");
  REQUIRE_FALSE(*list[2]);
  CHECK(list[2]->error().message == "thrown");
}

TEST_CASE("a device that hangs while it is opened keeps nobody waiting for the others", "[render]") {
  Gate gate, hang;
  OpenedDevices opened(2);
  const auto open = [&](std::uint32_t number) -> Result<std::unique_ptr<Device>> {
    if (number == 1) hang.pass();
    return std::unique_ptr<Device>(std::make_unique<HangingGpu>(gate));
  };
  std::promise<void> first;
  DeviceOpening opening(2, open, no_events(), [&](std::uint32_t number, Result<OpenedDevice> device) {
    opened.set(number, std::move(device));
    if (number == 0) first.set_value();
  });
  first.get_future().wait();
  CHECK_FALSE(opening.finish(kShort));
  const OpenedDevices::List list = opened.take();
  CHECK(list[0]);
  CHECK_FALSE(list[1]);
  hang.open();
  CHECK(opening.finish(kLong));
}

TEST_CASE("a worker whose device hangs says that it does not end", "[render]") {
  Gate gate;
  RenderWorker worker(std::make_unique<HangingGpu>(gate), [](RenderEvent) {});
  REQUIRE(worker.upload(0, 1, nullptr));
  REQUIRE(worker.render(0, {7, {{0, 0, 1}}}));
  gate.wait_for_somebody();
  CHECK_FALSE(worker.finish(kShort));
  gate.open();
  CHECK(worker.finish(kLong));
}

TEST_CASE("a worker knows that its device is lost once something failed", "[render]") {
  Gate gate;
  std::promise<void> ended;
  RenderWorker worker(std::make_unique<HangingGpu>(gate), [&](RenderEvent event) {
    if (std::holds_alternative<LeaseDone>(event)) ended.set_value();
  });
  CHECK_FALSE(worker.is_lost());
  REQUIRE(worker.upload(0, 1, nullptr));
  REQUIRE(worker.render(0, {HangingGpu::kFails, {{0, 0, 1}}}));
  ended.get_future().wait();
  CHECK(worker.is_lost());
}

TEST_CASE("a GPU hangs when it is busy for long without progress, and that is told once", "[render]") {
  Gate gate;
  RenderWorker worker(std::make_unique<HangingGpu>(gate, 3), [](RenderEvent) {});
  DevicePatience patience;
  patience.rendering = seconds(60);
  Instant now{};
  DeviceWatch watch(patience, now);
  REQUIRE(worker.canary());
  now += seconds(100);
  CHECK_FALSE(watch.look(worker.info(), &worker, now));  // it has nothing to do
  REQUIRE(worker.upload(0, 1, nullptr));
  REQUIRE(worker.render(0, {7, {{0, 0, 1}}}));
  while (!worker.renders()) std::this_thread::yield();
  CHECK_FALSE(watch.look(worker.info(), &worker, now));
  now += seconds(59);
  CHECK_FALSE(watch.look(worker.info(), &worker, now));
  now += seconds(2);
  const auto error = watch.look(worker.info(), &worker, now);
  REQUIRE(error);
  CHECK(error->message == "GPU 3 Test: rendering has not ended within 60 s: it hangs");
  CHECK_FALSE(error->help.empty());
  CHECK_FALSE(watch.look(worker.info(), &worker, now));
  CHECK(watch.found_hung());
  DeviceInfo cpu;
  CHECK_FALSE(DeviceWatch(patience, now).look(cpu, &worker, now + seconds(1000)));
  gate.open();
}

TEST_CASE("a GPU that is not opened in time is named", "[render]") {
  DeviceInfo gpu;
  gpu.kind = DeviceKind::cuda;
  gpu.index = 1;
  gpu.name = "Test";
  CHECK(not_opened_error(gpu).message == "GPU 1 Test: opening it has not ended within 40 s: it hangs");
}
