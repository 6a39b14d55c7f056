#pragma once
#include <optional>
#include <utility>

#include "process/child_process.hpp"

// Inside process/ only: what a child is to the system.

#if defined(_WIN32)

#include <windows.h>

namespace oct {

/// Owns a kernel object.
class Handle {
 public:
  Handle() = default;
  explicit Handle(HANDLE value) : value_(value) {}
  Handle(Handle&& other) noexcept : value_(std::exchange(other.value_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    reset();
    value_ = std::exchange(other.value_, nullptr);
    return *this;
  }
  ~Handle() { reset(); }
  void reset() {
    if (value_ != nullptr && value_ != INVALID_HANDLE_VALUE) CloseHandle(value_);
    value_ = nullptr;
  }
  HANDLE get() const { return value_; }
  HANDLE* put() { return &value_; }
  explicit operator bool() const { return value_ != nullptr && value_ != INVALID_HANDLE_VALUE; }

 private:
  HANDLE value_ = nullptr;
};

struct ChildProcess::State {
  Handle process, job, input, output;
};

}  // namespace oct

#else

#include <sys/types.h>
#include <sys/wait.h>

namespace oct {

struct ChildProcess::State {
  pid_t pid = -1;
  int input = -1, output = -1;
  std::optional<ChildExit> exit;

  std::optional<ChildExit> look() {
    if (exit) return exit;
    int status = 0;
    if (waitpid(pid, &status, WNOHANG) != pid) return std::nullopt;
    exit = WIFSIGNALED(status) ? ChildExit{0, WTERMSIG(status)} : ChildExit{WEXITSTATUS(status), 0};
    return exit;
  }
};

}  // namespace oct

#endif
