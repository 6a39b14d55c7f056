#pragma once
#include <cstdint>
#include <filesystem>
#include <utility>

#include "base/instant.hpp"
#include "base/result.hpp"

namespace oct {

/// A file that one program at a time holds. The system takes it back when the program ends, however it ends;
/// the file itself stays. A value that moves.
class FileLock {
 public:
  /// Waits at most so long: unavailable then; output when the file cannot be opened.
  static Result<FileLock> take(const std::filesystem::path& path, Duration patience);

  ~FileLock();
  FileLock(FileLock&& other) noexcept : handle_(std::exchange(other.handle_, kNone)) {}
  FileLock& operator=(FileLock&&) = delete;

 private:
  static constexpr std::intptr_t kNone = -1;
  explicit FileLock(std::intptr_t handle) : handle_(handle) {}
  std::intptr_t handle_;
};

}  // namespace oct
