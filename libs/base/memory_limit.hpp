#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace oct {

struct MemoryLimit {
  std::uint64_t bytes = 0;  ///< that this process may have in all, with what it has already
  std::string what;         ///< the limit, for people: "free memory of this computer"
};

/// The tightest of the limits of this process: of its cgroup (version 1 or 2) and those above, of the user
/// (ulimit -v, -d), of a job (Windows), and the memory that is free now, without swap. Caches that the system
/// would give up count as free. Nothing when the system does not tell. `root` is where /proc and /sys are
/// looked for. Takes a millisecond.
std::optional<MemoryLimit> memory_limit(const std::filesystem::path& root = "/");

}  // namespace oct
