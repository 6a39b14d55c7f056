#include "master/local_roster.hpp"

#include <algorithm>

namespace oct {

bool LocalRoster::can_render(FrameId frame) const {
  return std::any_of(devices_.begin(), devices_.end(), [&](const LocalDevice& device) {
    const auto scene = device.scenes.find(frame);
    return !device.failed && (scene == device.scenes.end() || scene->second != LocalDevice::Scene::failed);
  });
}

bool LocalRoster::any_left() const {
  return std::ranges::any_of(devices_, [](const LocalDevice& device) { return !device.failed; });
}

std::vector<LocalStatus> LocalRoster::statuses(const LeaseDispatcher& dispatcher) const {
  std::vector<LocalStatus> all;
  for (const LocalDevice& device : devices_) {
    if (!device.info) continue;
    LocalStatus status;
    status.info = *device.info;
    status.usable = device.key.has_value();
    status.samples = device.samples;
    status.building = status.usable && !device.scenes.empty() &&
                      device.scenes.begin()->second == LocalDevice::Scene::uploading;
    if (device.key) {
      status.samples_per_second = dispatcher.samples_per_second(*device.key);
      status.seconds_busy = dispatcher.seconds_busy(*device.key);
    }
    all.push_back(std::move(status));
  }
  return all;
}

}  // namespace oct
