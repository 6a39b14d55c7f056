#pragma once
#include <string>

#include "device/device_info.hpp"
#include "film/film_history.hpp"

namespace oct {

/// Where a device is: what stays the same when it connects again, or in another run.
struct DevicePlace {
  std::string computer;   ///< address of another computer, or the name of this one
  bool is_local = false;  ///< this computer, named
  bool of_slave = false;  ///< a process of its own opens it
};

/// The same for every connection of the same device, in every run. Its name alone is not enough: two cards may have
/// the same.
DeviceFingerprint fingerprint_of(const DevicePlace& place, const DeviceInfo& info);

}  // namespace oct
