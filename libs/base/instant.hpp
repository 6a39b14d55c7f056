#pragma once
#include <chrono>

namespace oct {

/// A moment of the monotonic clock. Deciding code never reads a clock: time is a parameter.
using Instant = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// The clock itself, for those that drive the deciding code.
inline Instant steady_now() {
  return std::chrono::steady_clock::now();
}

inline double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace oct
