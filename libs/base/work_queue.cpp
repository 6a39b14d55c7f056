#include "base/work_queue.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/check.hpp"
#include "base/exhaustion.hpp"
#include "base/float_mode.hpp"

namespace oct {
namespace {

void run_guarded(const std::function<void()>& task) {
  try {
    task();
  } catch (const std::exception& error) {
    end_by_exception(error);
  }
}

}  // namespace

struct WorkQueue::State {
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> tasks;
  bool ending = false;
  std::vector<std::thread> threads;

  void end() {
    {
      const std::lock_guard lock(mutex);
      ending = true;
    }
    changed.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

  void work() {
    set_float_mode();
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return ending || !tasks.empty(); });
      if (tasks.empty()) return;
      const std::function<void()> task = std::move(tasks.front());
      tasks.pop_front();
      lock.unlock();
      run_guarded(task);
      lock.lock();
    }
  }
};

WorkQueue::WorkQueue(unsigned threads) : state_(std::make_unique<State>()) {
  OCT_CHECK(threads > 0);
  try {
    for (unsigned i = 0; i < threads; ++i)
      state_->threads.emplace_back([state = state_.get()] { state->work(); });
  } catch (...) {  // no room for one more: the others must not outlive their state
    state_->end();
    throw;
  }
}

WorkQueue::~WorkQueue() {
  state_->end();
}

void WorkQueue::post(std::function<void()> task) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->tasks.push_back(std::move(task));
  }
  state_->changed.notify_one();
}

std::size_t WorkQueue::waiting() const {
  const std::lock_guard lock(state_->mutex);
  return state_->tasks.size();
}

void WorkQueue::clear() {
  const std::lock_guard lock(state_->mutex);
  state_->tasks.clear();
}

}  // namespace oct
