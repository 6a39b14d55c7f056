#pragma once
#include <chrono>

namespace oct::bench {

/// How long measuring may take, from its construction on.
class TimeBound {
 public:
  explicit TimeBound(double seconds) : seconds_(seconds) {}

  double used_seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  /// Whether something that takes so long is done in time.
  bool allows(double seconds) const { return used_seconds() + seconds <= seconds_; }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double seconds_;
};

}  // namespace oct::bench
