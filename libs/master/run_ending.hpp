#pragma once
#include <vector>

#include "base/exit_code.hpp"
#include "report/render_outcome.hpp"

namespace oct {

/// How a run of frames ended.
struct RunEnding {
  ExitCode code = ExitCode::done;
  StopReason reason = StopReason::samples;
};

/// Of a run that neither a signal nor something beyond its frames ended: `incomplete` when a frame failed or was not
/// reached. Pure.
RunEnding ending_of(const std::vector<FrameOutcome>& frames);

}  // namespace oct
