#include "master/link_rate.hpp"

#include <algorithm>

namespace oct {
namespace {

constexpr double kWindowSeconds = 0.9;  // heartbeats come each second, not quite evenly
constexpr double kFull = 0.8;           // of the time waited
// A way that others no longer share carries more; once sums are wide it is not full any more, so that only
// forgetting finds out: 5 % a second double it in 14 s.
constexpr double kForget = 1.05;
constexpr double kBoundAbove = 0.5, kFreeBelow = 0.4;

}  // namespace

void LinkRate::waited(Duration total, Instant now) {
  const double passed = to_seconds(now - since_);
  if (passed < kWindowSeconds) return;
  const double share = to_seconds(total - waited_) / passed;
  const double rate = static_cast<double>(bytes_) / passed;
  const bool full = share >= kFull;
  if (full && bytes_ == 0) return;  // a packet takes longer than that
  if (full) {
    capacity_ = was_full_ ? (capacity_ + rate) / 2 : rate;
    bound_ = true;
  } else if (capacity_ > 0) {
    capacity_ = std::max(capacity_ * kForget, rate);
    const double wanted = static_cast<double>(narrow_bytes_) / passed;
    bound_ = wanted > (bound_ ? kFreeBelow : kBoundAbove) * capacity_;
  }
  was_full_ = full;
  since_ = now;
  waited_ = total;
  bytes_ = narrow_bytes_ = 0;
}

}  // namespace oct
