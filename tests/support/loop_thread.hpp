#pragma once
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "net/event_loop.hpp"

namespace oct::test {

/// An event loop on a thread of its own, and a way to do things on it and to wait for what happens there.
/// Whatever lives on the loop is destroyed by the test with on_loop(), before this.
class LoopThread {
 public:
  LoopThread() : thread_([this] { loop_.run(); }) {}
  ~LoopThread() { stop(); }

  /// Ends the loop: from now on nothing happens any more, and all that it recorded may be read without it.
  void stop() {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
  }

  EventLoop& loop() { return loop_; }

  /// Runs `work` on the loop's thread (after stop(): here) and returns what it returns.
  template <class Work>
  auto on_loop(Work work) {
    if (!thread_.joinable()) return work();
    using Value = decltype(work());
    auto task = std::make_shared<std::packaged_task<Value()>>(std::move(work));
    auto future = task->get_future();
    loop_.post([task] { (*task)(); });
    return future.get();
  }

  /// Asks on the loop's thread until it is true, for 10 s at most; whether it became so.
  template <class Condition>
  bool wait_until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!on_loop(condition)) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

 private:
  EventLoop loop_;
  std::thread thread_;
};

}  // namespace oct::test
