#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "master/lease_dispatcher.hpp"
#include "report/render_status.hpp"

namespace oct {

/// A device of this computer, as the master's core knows it.
struct LocalDevice {
  enum class Scene { uploading, ready, failed };

  std::string name;                ///< for people: "GPU 1"
  std::optional<DeviceInfo> info;  ///< none before it was opened
  std::optional<DeviceKey> key;    ///< none before, and when it can do nothing any more
  bool failed = false;             ///< for every frame
  std::map<FrameId, Scene> scenes;
  std::uint64_t samples = 0;  ///< merged
};

/// The devices of this computer by number, and whether any of them can still render a frame. Pure.
class LocalRoster {
 public:
  /// `names` of the devices; those that lack one are "a device".
  LocalRoster(std::uint32_t count, const std::vector<std::string>& names);

  LocalDevice* find(std::uint32_t local) { return local < devices_.size() ? &devices_[local] : nullptr; }
  std::vector<LocalDevice>& all() { return devices_; }
  const std::vector<LocalDevice>& all() const { return devices_; }

  /// Whether one of them renders this frame or may still come to it.
  bool can_render(FrameId frame) const;
  /// Whether one of them may render anything, now or later.
  bool any_left() const;
  /// Those that may still render anything, or this frame.
  std::vector<std::string> names_left(std::optional<FrameId> frame) const;
  /// Why none of them can, as the last one that failed said it.
  std::optional<Error> error;

  std::vector<LocalStatus> statuses(const LeaseDispatcher& dispatcher) const;

 private:
  static bool can_render(const LocalDevice& device, FrameId frame);

  std::vector<LocalDevice> devices_;
};

}  // namespace oct
