#include "slave/connect_schedule.hpp"

#include <algorithm>
#include <utility>

namespace oct {
namespace {

constexpr Duration kFirstPause = seconds(1);
constexpr Duration kLongestPause = seconds(30);

}  // namespace

void ConnectSchedule::reached() {
  pause_ = kFirstPause;
}

Duration ConnectSchedule::plan_next(Instant now) {
  jitter_ = jitter_ * 1664525u + 1013904223u;
  const double stretch = 1 + 0.2 * ((jitter_ >> 16) / 65536.0);
  next_at_ = now + std::chrono::duration_cast<Duration>(pause_ * stretch);
  return std::exchange(pause_, std::min(pause_ * 2, kLongestPause));
}

void ConnectSchedule::plan_soon(Instant now) {
  pause_ = kFirstPause;
  next_at_ = now + pause_;
}

}  // namespace oct
