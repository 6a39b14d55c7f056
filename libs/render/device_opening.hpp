#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "render/device_choice.hpp"
#include "render/render_worker.hpp"

namespace oct {

/// A device that was opened, at work on two threads of its own, with what it computed of the canary.
struct OpenedDevice {
  std::unique_ptr<RenderWorker> worker;
  Digest canary;
};

/// What a plan's devices are, as far as it is known before they are opened: GPUs first.
std::vector<DeviceInfo> devices_of(const DevicePlan& plan);

/// Opens the devices of a plan side by side, each on a thread of its own: a driver and its context take tenths of a second,
/// in which the program reads its scene; and one that hangs keeps no other from being used. One thread owns it.
class DeviceOpening {
 public:
  /// Receives each device of the plan once, in any order, on the thread that opened it, or on the constructor's where the
  /// system has no room for that; an error is of that device alone.
  using Sink = std::function<void(std::uint32_t number, Result<OpenedDevice> device)>;
  /// Where a device's events go. Called on the thread that opens it.
  using EventsOf = std::function<RenderEventSink(std::uint32_t number)>;
  /// How the device of this number is opened; tests open others.
  using Open = std::function<Result<std::unique_ptr<Device>>(std::uint32_t number)>;

  /// Begins at once.
  DeviceOpening(std::uint32_t count, Open open, EventsOf events_of, Sink sink);
  /// Waits for all of them.
  ~DeviceOpening();
  DeviceOpening(const DeviceOpening&) = delete;
  DeviceOpening& operator=(const DeviceOpening&) = delete;

  /// Waits for all of them at most `patience`. False: one hangs, and so would the destructor.
  bool finish(std::chrono::milliseconds patience);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// What has been opened so far, for who waits for it. Any thread.
class OpenedDevices {
 public:
  using List = std::vector<std::optional<Result<OpenedDevice>>>;  ///< none: it is not there yet

  explicit OpenedDevices(std::uint32_t count) : list_(count) {}
  /// What comes after take() is dropped.
  void set(std::uint32_t number, Result<OpenedDevice> device);
  List take();

 private:
  std::mutex mutex_;  // guards what follows
  List list_;
  bool taken_ = false;
};

/// Of a device that has not been opened within DevicePatience::opening.
Error not_opened_error(const DeviceInfo& info);

/// How a plan's devices are opened.
///   trees  of this program; null = a store for these devices alone
DeviceOpening::Open opener_of(const DeviceChoice& choice, const DevicePlan& plan,
                              std::shared_ptr<TreeStore> trees);

}  // namespace oct
