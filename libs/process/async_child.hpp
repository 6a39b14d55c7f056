#pragma once
#include <functional>
#include <memory>
#include <string>

#include "net/event_loop.hpp"
#include "process/child_process.hpp"

namespace oct {

/// What a child tells its owner, on the loop's thread, never from inside a call of the owner.
struct ChildEvents {
  /// A line of its standard output or standard error, as they come, without the line's end. One longer than
  /// AsyncChild::kLongestLine comes in pieces.
  std::function<void(std::string)> on_line;
  /// Exactly once, after all its lines; then nothing more.
  std::function<void(const ChildExit&)> on_ended;
};

/// A running program whose output and end arrive as events; nothing blocks, nothing polls. As a ChildProcess
/// it inherits nothing but its streams, and ends with this object or this program, however that ends.
/// Destroying it, from inside an event too, kills it. To be started on the loop's thread, which must live as
/// long as the child is wanted.
class AsyncChild {
 public:
  static constexpr std::size_t kLongestLine = 256 * 1024;

  /// unavailable when the program cannot be started, with the reason.
  static Result<std::unique_ptr<AsyncChild>> start(EventLoop& loop, ChildCommand command, ChildEvents events);
  ~AsyncChild();
  AsyncChild(const AsyncChild&) = delete;
  AsyncChild& operator=(const AsyncChild&) = delete;

  /// As ChildProcess::say.
  void say(const std::string& line);
  /// Ends its standard input: our programs then leave by themselves.
  void ask_to_leave();
  void kill();

 private:
  class Impl;        // what all systems share: async_child_impl.hpp
  class SystemImpl;  // how this one tells of output and end
  static std::shared_ptr<Impl> watch(EventLoop& loop, std::unique_ptr<ChildProcess> child,
                                     ChildEvents events);
  explicit AsyncChild(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace oct
