#include "master/local_devices.hpp"

#include <string>

#include "support/catch.hpp"
#include "support/hanging_gpu.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// Two GPUs: opening them and rendering on them does what the gates say.
struct Rig {
  Rig() {
    patience.opening = patience.rendering = milliseconds(300);
    patience.leaving = milliseconds(100);
    devices = std::make_unique<LocalDevices>(
        loop, DeviceChoice{}, [](FrameId) { return RenderDataPtr(); },
        [this](MasterEvent event) { note(std::move(event)); }, patience);
  }
  ~Rig() {
    opening.open();
    rendering.open();
    devices.reset();
  }

  /// The second one waits at the gate before it is there.
  void open() {
    std::vector<DeviceInfo> infos(2);
    for (std::uint32_t i = 0; i < 2; ++i) infos[i] = {DeviceKind::cuda, i, "Test", 1, 0};
    devices->open(infos, [this](std::uint32_t number) -> Result<std::unique_ptr<Device>> {
      if (number == 1) opening.pass();
      return std::unique_ptr<Device>(std::make_unique<HangingGpu>(rendering, number));
    });
  }
  void note(MasterEvent event) {
    if (const auto* opened = std::get_if<LocalDeviceOpened>(&event))
      events.push_back("opened " + std::to_string(opened->local));
    if (const auto* failed = std::get_if<LocalDeviceFailed>(&event))
      events.push_back("failed " + std::to_string(failed->local) + ": " + failed->error.message);
    if (std::holds_alternative<LocalUploaded>(event)) events.push_back("uploaded");
    if (std::holds_alternative<LocalLeaseEnded>(event)) events.push_back("lease ended");
    if (events.size() >= wanted) loop.stop();
  }
  void run_until(std::size_t count) {
    wanted = count;
    if (events.size() < wanted) loop.run();
  }

  EventLoop loop;
  Gate opening, rendering;
  DevicePatience patience;
  std::vector<std::string> events;
  std::size_t wanted = 0;
  std::unique_ptr<LocalDevices> devices;
};

}  // namespace

TEST_CASE("a GPU that hangs while it is opened is given up, and the other one is there", "[master]") {
  Rig rig;
  rig.open();
  rig.run_until(2);
  CHECK(rig.events[0] == "opened 0");
  CHECK(rig.events[1] == "failed 1: GPU 1 Test: opening it has not ended within 0 s: it hangs");
  CHECK_FALSE(rig.devices->finish());
}

TEST_CASE("a GPU that hangs while it renders is given up, and what it says later counts for nothing",
          "[master]") {
  Rig rig;
  rig.opening.open();
  rig.open();
  rig.run_until(2);
  UploadLocal upload{0, 0, 1};
  rig.devices->carry_out(upload);
  rig.run_until(3);
  CHECK(rig.events[2] == "uploaded");
  GrantLocal grant{0, 0, {7, {{0, 0, 1}}}};
  rig.devices->carry_out(grant);
  rig.run_until(4);
  CHECK(rig.events[3] == "failed 0: GPU 0 Test: rendering has not ended within 0 s: it hangs");
  rig.rendering.open();
  const auto timer = rig.loop.after(milliseconds(100), [&] { rig.loop.stop(); });
  rig.loop.run();
  CHECK(rig.events.size() == 4);
  CHECK(rig.devices->finish());
}

TEST_CASE("GPUs that do what they are told are let go at once", "[master]") {
  Rig rig;
  rig.opening.open();
  rig.open();
  rig.run_until(2);
  CHECK(rig.devices->finish());
}
