#pragma once
#include <functional>
#include <memory>
#include <string>

#include "net/event_loop.hpp"

namespace oct {

/// What standard input brings, on the loop's thread.
struct InputEvents {
  std::function<void(std::string)> on_line;  ///< without the line's end
  std::function<void()> on_end;              ///< once; then nothing more
};

/// Reads this program's standard input by lines; between them it does not run. One longer than kLongestLine comes in
/// pieces. At most one in a program; the loop must live as long as the program where a system cannot end the wait
/// (Windows: a thread of its own waits).
class InputLines {
 public:
  static constexpr std::size_t kLongestLine = 1024;

  InputLines(EventLoop& loop, InputEvents events);
  ~InputLines();
  InputLines(const InputLines&) = delete;
  InputLines& operator=(const InputLines&) = delete;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace oct
