#pragma once
#include <chrono>

namespace oct {

/// A moment of the monotonic clock. Deciding code never reads a clock: time is a parameter.
using Instant = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

inline double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace oct
