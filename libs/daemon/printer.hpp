#pragma once
#include <functional>
#include <string>

#include "base/console.hpp"
#include "base/work_queue.hpp"

namespace oct {

/// Lines for the window of a program that must not wait for it: a window whose owner marks text in it, a
/// terminal that was stopped, a pipe that nobody reads take no line for hours. A thread of its own writes;
/// when too many lines wait, further ones are lost. One thread.
class Printer {
 public:
  explicit Printer(const Console::Options& options) : console_(options) {}

  void line(std::string text);
  void warning(std::string text, std::string help = {});
  void error(std::string text, std::string help = {});

  /// Waits until all is written, a second at most; whether it was. If not, only the end of the process ends
  /// the thread.
  bool finish();

 private:
  void post(std::function<void()> write);

  Console console_;
  WorkQueue writer_;
};

}  // namespace oct
