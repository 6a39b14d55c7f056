#pragma once
#include <cstddef>
#include <functional>
#include <memory>

namespace oct {

/// Worker threads for data-parallel loops, in the project's float mode. One loop at a time; a loop body must
/// not start another loop on the same pool. What a loop computes must not depend on the number of threads.
class ThreadPool {
 public:
  /// `threads` = 0 takes all that this program may use (usable_threads()). The caller of a loop works too, so threads - 1 are started.
  explicit ThreadPool(unsigned threads = 0, bool low_priority = false);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  unsigned thread_count() const;

  /// Calls body(begin, end) for consecutive pieces of [0, count) of at most `grain` items, in any order, and
  /// returns when all are done. An exception of a body is rethrown here, after the others have ended.
  void for_ranges(std::size_t count, std::size_t grain,
                  const std::function<void(std::size_t, std::size_t)>& body);

  /// Calls body(index) for each index in [0, count).
  void for_each(std::size_t count, const std::function<void(std::size_t)>& body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace oct
