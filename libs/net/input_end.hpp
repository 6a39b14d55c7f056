#pragma once
#include <functional>
#include <memory>

#include "net/event_loop.hpp"

namespace oct {

/// Watches this program's standard input, and calls once, on the loop's thread, when it has ended. What comes
/// before its end is read and forgotten. At most one in a program; the loop must live as long as the program
/// where a system cannot end the wait (Windows: a thread of its own waits).
class InputEnd {
 public:
  InputEnd(EventLoop& loop, std::function<void()> on_end);
  ~InputEnd();
  InputEnd(const InputEnd&) = delete;
  InputEnd& operator=(const InputEnd&) = delete;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace oct
