#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/instant.hpp"

// Inside computer/ only: what the system shows of a person at keyboard and mouse.

namespace oct {

struct InputSigns {
  std::uint64_t count = 0;               ///< grows with what is typed and moved
  bool is_in_use = false;                ///< at this very moment
  bool is_blind = false;                 ///< there are keyboards or mice, but none whose use shows
  std::optional<Duration> since_last{};  ///< where the system keeps the time itself
};

/// `root` is where /proc, /sys and /dev are looked for.
InputSigns read_input_signs(const std::filesystem::path& root);

}  // namespace oct
