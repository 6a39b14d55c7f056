#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/instant.hpp"

namespace oct {

/// For how long nobody has touched keyboard and mouse of this computer. It needs no rights and no display: on Linux the
/// kernel counts what USB and PS/2 keyboards and mice, touchpads (I2C) and Bluetooth adapters send, and terminals (consoles, SSH)
/// keep the time of the last key; on Windows the session tells, or, for a service, whether somebody is logged in at an
/// unlocked screen. The kernel's counts have no time, so somebody counts as there when the watch begins, and the answer is
/// as fine as the questions are frequent. One thread.
class InputWatch {
 public:
  /// `root` is where /proc, /sys and /dev are looked for.
  explicit InputWatch(std::filesystem::path root = "/") : root_(std::move(root)) {}

  /// Nothing where it cannot be found out.
  std::optional<Duration> idle(Instant now);

 private:
  std::filesystem::path root_;
  std::optional<std::uint64_t> count_;
  Instant last_{};
};

}  // namespace oct
