#include "base/thread_pool.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/check.hpp"
#include "base/float_mode.hpp"
#include "base/thread_limit.hpp"

#if defined(_WIN32)
#include <windows.h>
#else
#include <sys/resource.h>
#include <unistd.h>
#endif

namespace oct {
namespace {

void lower_thread_priority() {
#if defined(_WIN32)
  SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_LOWEST);
#elif defined(__linux__)
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 10);  // on Linux of this thread alone
#endif
}

/// One loop: pieces are handed out by a counter.
struct Loop {
  std::size_t count = 0;
  std::size_t grain = 1;
  const std::function<void(std::size_t, std::size_t)>* body = nullptr;
  std::atomic<std::size_t> next{0};
  std::mutex error_mutex;
  std::exception_ptr error;

  void work() {
    try {
      for (;;) {
        const std::size_t begin = next.fetch_add(grain, std::memory_order_relaxed);
        if (begin >= count) return;
        (*body)(begin, std::min(begin + grain, count));
      }
    } catch (...) {
      next.store(count, std::memory_order_relaxed);
      const std::lock_guard lock(error_mutex);
      if (!error) error = std::current_exception();
    }
  }
};

}  // namespace

struct ThreadPool::State {
  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable idle;
  Loop* loop = nullptr;
  std::size_t generation = 0;  ///< counts loops, so that a worker joins each one once
  std::size_t working = 0;
  bool stopping = false;
  std::atomic<bool> busy{false};
  std::vector<std::thread> threads;

  void end() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    wake.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

  void run_worker(bool low_priority) {
    set_float_mode();
    if (low_priority) lower_thread_priority();
    std::size_t seen = 0;
    std::unique_lock lock(mutex);
    for (;;) {
      wake.wait(lock, [&] { return stopping || (loop != nullptr && generation != seen); });
      if (stopping) return;
      seen = generation;
      Loop* const current = loop;
      ++working;
      lock.unlock();
      current->work();
      lock.lock();
      if (--working == 0) idle.notify_all();
    }
  }
};

ThreadPool::ThreadPool(unsigned threads, bool low_priority) : state_(std::make_unique<State>()) {
  const unsigned total = threads == 0 ? usable_threads() : threads;
  try {
    for (unsigned i = 1; i < total; ++i) {
      state_->threads.emplace_back([state = state_.get(), low_priority] { state->run_worker(low_priority); });
    }
  } catch (...) {  // no room for one more: the others must not outlive their state
    state_->end();
    throw;
  }
}

ThreadPool::~ThreadPool() {
  state_->end();
}

unsigned ThreadPool::thread_count() const {
  return static_cast<unsigned>(state_->threads.size()) + 1;
}

void ThreadPool::for_ranges(std::size_t count, std::size_t grain,
                            const std::function<void(std::size_t, std::size_t)>& body) {
  OCT_CHECK(grain > 0);
  OCT_CHECK(!state_->busy.exchange(true));
  Loop loop;
  loop.count = count;
  loop.grain = grain;
  loop.body = &body;
  if (count > grain && !state_->threads.empty()) {
    const std::lock_guard lock(state_->mutex);
    state_->loop = &loop;
    ++state_->generation;
    state_->wake.notify_all();
  }
  loop.work();
  std::unique_lock lock(state_->mutex);
  state_->loop = nullptr;  // late workers find nothing
  state_->idle.wait(lock, [&] { return state_->working == 0; });
  lock.unlock();
  state_->busy.store(false);
  if (loop.error) std::rethrow_exception(loop.error);
}

void ThreadPool::for_each(std::size_t count, const std::function<void(std::size_t)>& body) {
  for_ranges(count, 1, [&body](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) body(i);
  });
}

}  // namespace oct
