#pragma once
#include <functional>
#include <memory>

#include "base/instant.hpp"

namespace asio {
class io_context;
}

namespace oct {

/// A pending call. Destroying it, also from inside the call, cancels it.
class Timer {
 public:
  virtual ~Timer() = default;
};

/// The one thread that owns all state: timers, sockets, and calls posted by workers. Nothing on it runs
/// longer than 10 ms.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Runs on the calling thread until stop(). What a call throws comes out here.
  void run();
  /// Ends run() after the call in progress. Any thread.
  void stop();

  /// Runs `call` on the loop's thread, in the order posted. Any thread.
  void post(std::function<void()> call);

  /// Runs `call` once after `delay`, or every `interval` (counted from the end of the call before).
  [[nodiscard]] std::unique_ptr<Timer> after(Duration delay, std::function<void()> call);
  [[nodiscard]] std::unique_ptr<Timer> every(Duration interval, std::function<void()> call);

  /// Calls `call` with each SIGINT (CTRL-C), SIGTERM or SIGHUP (the terminal is closed) from now on, instead of the
  /// system's ending the program; a SIGHUP that is ignored when this is called (nohup) stays ignored. On Windows a
  /// closed console, log-off and shutdown come as SIGTERM, and the system ends the program some five seconds later.
  void on_signal(std::function<void(int signal)> call);

  /// For net/, process/ and *_app.cpp.
  asio::io_context& context();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace oct
