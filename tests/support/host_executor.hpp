#pragma once
#include <limits>
#include <vector>

#include "base/thread_pool.hpp"
#include "launch/queues.hpp"

namespace oct::test {

/// Runs the kernels of queues here, forwards, backwards, or on several threads.
class HostExecutor {
 public:
  enum class Order { forwards, backwards, parallel };
  explicit HostExecutor(Order order) : order_(order) {}

  /// After so many kernels nothing works any more.
  void fail_after(u32 kernels) { left_ = kernels; }

  /// Of each round.
  const std::vector<u32>& traced_paths() const { return traced_paths_; }

  template <class Kernel>
  bool run(u32 count, const Kernel& kernel) {
    if (left_-- == 0) return false;
    if (order_ == Order::parallel) {
      pool_.for_each(count, [&](std::size_t index) { kernel(static_cast<u32>(index)); });
    } else {
      for (u32 i = 0; i < count; ++i) kernel(order_ == Order::forwards ? i : count - 1 - i);
    }
    return true;
  }

  /// Each thread is a warp of its own.
  template <class Work>
  bool trace(u32 most, const Work& work) {
    if (work.count() > most) return false;
    if constexpr (Work::Query::kOrdered) traced_paths_.push_back(work.count());
    if (order_ == Order::parallel) {
      pool_.for_each(3, [&](std::size_t) { trace_stream(work, work.count(), work.next(), nullptr); });
    } else {
      trace_stream(work, work.count(), work.next(), nullptr);
    }
    return true;
  }

 private:
  Order order_;
  u32 left_ = std::numeric_limits<u32>::max();
  ThreadPool pool_{3};
  std::vector<u32> traced_paths_;
};

}  // namespace oct::test
