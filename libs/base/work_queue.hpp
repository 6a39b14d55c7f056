#pragma once
#include <cstddef>
#include <functional>
#include <memory>

namespace oct {

/// Threads that run tasks in the order they were posted: work that the network's thread must not do itself.
/// With one thread it owns what its tasks touch. Tasks must not throw; one that does ends the program with
/// its message.
class WorkQueue {
 public:
  explicit WorkQueue(unsigned threads = 1);
  /// Runs what was posted, then ends.
  ~WorkQueue();
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  /// Any thread.
  void post(std::function<void()> task);

  /// Tasks that wait. Any thread.
  std::size_t waiting() const;

  /// Drops what waits; what runs is finished. Any thread.
  void clear();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace oct
