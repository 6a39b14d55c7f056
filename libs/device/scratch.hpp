#pragma once
#include <memory>
#include <mutex>
#include <vector>

namespace oct {

/// Objects for the threads of a loop, as many as work at a time: fresh memory for each item would cost more than
/// the work, for the system clears it.
template <class T>
class Scratch {
 public:
  /// Lends an object, in whatever state the last user left it, to `work`.
  template <class Work>
  auto lend(const Work& work) {
    Loan loan{*this, take()};
    return work(*loan.object);
  }

 private:
  struct Loan {
    Scratch& from;
    std::unique_ptr<T> object;

    Loan(Scratch& a_from, std::unique_ptr<T> an_object) : from(a_from), object(std::move(an_object)) {}
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan() {
      const std::lock_guard lock(from.mutex_);
      from.free_[from.free_count_++] = std::move(object);
    }
  };

  std::unique_ptr<T> take() {
    const std::lock_guard lock(mutex_);
    if (free_count_ > 0) return std::move(free_[--free_count_]);
    std::unique_ptr<T> object(new T);  // not value-initialised: that would clear it
    free_.emplace_back();              // room to give it back, so that this cannot fail
    return object;
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> free_;  ///< the first free_count_ are here, for the others there is room
  std::size_t free_count_ = 0;
};

}  // namespace oct
