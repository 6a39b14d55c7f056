#include "master/local_roster.hpp"

#include <algorithm>

namespace oct {

LocalRoster::LocalRoster(std::uint32_t count, const std::vector<std::string>& names) : devices_(count) {
  for (std::size_t i = 0; i < devices_.size(); ++i)
    devices_[i].name = i < names.size() ? names[i] : "a device";
}

bool LocalRoster::can_render(const LocalDevice& device, FrameId frame) {
  const auto scene = device.scenes.find(frame);
  return !device.failed && (scene == device.scenes.end() || scene->second != LocalDevice::Scene::failed);
}

bool LocalRoster::can_render(FrameId frame) const {
  return std::ranges::any_of(devices_, [&](const LocalDevice& device) { return can_render(device, frame); });
}

std::vector<std::string> LocalRoster::names_left(std::optional<FrameId> frame) const {
  std::vector<std::string> names;
  for (const LocalDevice& device : devices_) {
    if (frame ? can_render(device, *frame) : !device.failed) names.push_back(device.name);
  }
  return names;
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
