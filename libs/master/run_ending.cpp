#include "master/run_ending.hpp"

#include <algorithm>

namespace oct {

RunEnding ending_of(const std::vector<FrameOutcome>& frames) {
  const bool complete = std::ranges::all_of(frames, [](const FrameOutcome& frame) {
    return frame.state == FrameState::done || frame.state == FrameState::skipped;
  });
  return complete ? RunEnding{} : RunEnding{ExitCode::incomplete, StopReason::failed};
}

}  // namespace oct
