#pragma once
#include <optional>

#include "master/lease_dispatcher.hpp"
#include "support/catch.hpp"
#include "support/film_maker.hpp"

namespace oct::test {

/// A dispatcher of one frame, number 1, whose devices have its scene.
struct DispatcherRig {
  explicit DispatcherRig(const RenderSettings& render_settings, const DispatchLimits& limits = {})
      : settings(render_settings), frame(1, settings, {}), ledger(frame.ledger), dispatcher(limits) {
    dispatcher.add_frame(frame);
  }

  DeviceKey join() {
    const DeviceKey device = dispatcher.add_device(now);
    dispatcher.set_ready(device, 1);
    return device;
  }
  std::optional<Lease> next(DeviceKey device) {
    auto granted = dispatcher.next_lease(device, now);
    if (!granted) return std::nullopt;
    CHECK(granted->frame == 1);
    return std::move(granted->lease);
  }
  void pass(double seconds) {
    now += std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  }
  void answer_unit(DeviceKey device, const Lease& lease, UnitRange units) {
    ledger.offer(a_contribution(settings, units), device);
    REQUIRE(dispatcher.settle(device, lease.id, units, now));
  }
  /// The device answers every unit of the lease at `seconds` after now.
  void answer(DeviceKey device, const Lease& lease, double seconds) {
    pass(seconds);
    for (const UnitRange& units : lease.units) answer_unit(device, lease, units);
  }
  std::uint64_t samples(const Lease& lease) const {
    std::uint64_t sum = 0;
    for (const UnitRange& units : lease.units) sum += ledger.samples_in(units);
    return sum;
  }

  RenderSettings settings;
  FrameCore frame;
  Ledger& ledger;
  LeaseDispatcher dispatcher;
  Instant now{};
};

}  // namespace oct::test
