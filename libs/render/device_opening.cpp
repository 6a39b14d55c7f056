#include "render/device_opening.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "base/exhaustion.hpp"
#include "render/device_watch.hpp"

namespace oct {

struct DeviceOpening::State {
  Open open;
  EventsOf events_of;
  Sink sink;
  std::vector<std::thread> threads;

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::uint32_t under_way = 0;

  Result<OpenedDevice> open_one(std::uint32_t number) {
    try {
      OCT_TRY_ASSIGN(std::unique_ptr<Device> device, open(number));
      OpenedDevice opened;
      opened.worker = std::make_unique<RenderWorker>(std::move(device), events_of(number));
      OCT_TRY_ASSIGN(opened.canary, opened.worker->canary());
      return opened;
    } catch (const std::exception& error) {
      return fail(error_of(error));
    }
  }

  void answer(std::uint32_t number, Result<OpenedDevice> device) {
    sink(number, std::move(device));
    const std::lock_guard lock(mutex);
    --under_way;
    changed.notify_all();
  }
};

DeviceOpening::DeviceOpening(std::uint32_t count, Open open, EventsOf events_of, Sink sink)
    : state_(std::make_shared<State>()) {
  state_->open = std::move(open);
  state_->events_of = std::move(events_of);
  state_->sink = std::move(sink);
  state_->under_way = count;
  for (std::uint32_t number = 0; number < count; ++number) {
    try {
      state_->threads.emplace_back(
          [state = state_.get(), number] { state->answer(number, state->open_one(number)); });
    } catch (const std::exception& error) {  // no room for one more thread
      state_->answer(number, fail(error_of(error)));
    }
  }
}

DeviceOpening::~DeviceOpening() {
  for (std::thread& thread : state_->threads) thread.join();
}

bool DeviceOpening::finish(std::chrono::milliseconds patience) {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, patience, [&] { return state_->under_way == 0; });
}

std::vector<DeviceInfo> devices_of(const DevicePlan& plan) {
  std::vector<DeviceInfo> devices = plan.gpus;
  if (plan.cpu) devices.emplace_back().kind = DeviceKind::cpu;
  return devices;
}

void OpenedDevices::set(std::uint32_t number, Result<OpenedDevice> device) {
  const std::lock_guard lock(mutex_);
  if (!taken_) list_[number] = std::move(device);
}

OpenedDevices::List OpenedDevices::take() {
  const std::lock_guard lock(mutex_);
  taken_ = true;
  return std::move(list_);
}

Error not_opened_error(const DeviceInfo& info) {
  return hung_error(info, "opening it", DevicePatience().opening);
}

DeviceOpening::Open opener_of(const DeviceChoice& choice, const DevicePlan& plan,
                              std::shared_ptr<TreeStore> trees) {
  if (!trees) trees = make_tree_store(choice);
  return [=](std::uint32_t number) {
    return number < plan.gpus.size() ? make_cuda_device(plan.gpus[number].index, trees)
                                     : open_cpu(choice, trees);
  };
}

}  // namespace oct
