#pragma once
#include <algorithm>

#include "base/instant.hpp"

namespace oct {

/// Lets `per_second` pass in the long run, and at most `burst` at once. Pure; time is a parameter.
class RateLimit {
 public:
  RateLimit(double per_second, double burst) : per_second_(per_second), burst_(burst), left_(burst) {}

  /// Whether one more may pass now; then it counts.
  bool take(Instant now) {
    left_ = std::min(burst_, left_ + per_second_ * std::max(0.0, to_seconds(now - last_)));
    last_ = now;
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }
  Instant last_use() const { return last_; }

 private:
  double per_second_, burst_, left_;
  Instant last_{};
};

}  // namespace oct
