#include "master/run_ending.hpp"

#include <algorithm>

namespace oct {

RunEnding ending_of(const std::vector<FrameOutcome>& frames) {
  const bool complete = std::ranges::all_of(frames, [](const FrameOutcome& frame) {
    return frame.state == FrameState::done || frame.state == FrameState::skipped;
  });
  if (!complete) return {ExitCode::incomplete, StopReason::failed};
  const auto any = [&](StopReason reason) {
    return std::ranges::any_of(frames,
                               [&](const FrameOutcome& frame) { return frame.stop_reason == reason; });
  };
  for (const StopReason reason : {StopReason::time_limit, StopReason::noise_threshold}) {
    if (any(reason)) return {ExitCode::done, reason};
  }
  return {};
}

}  // namespace oct
