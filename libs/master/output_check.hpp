#pragma once
#include <vector>

#include "base/result.hpp"
#include "master/frame_task.hpp"
#include "master/master_config.hpp"

namespace oct {

/// Gives a job without an output its default one, the checkpoint its name, and the files of several frames a place for
/// the frame's number. Touches no file. `invalid_input` for a --report with such a place: one report tells of all frames.
Result<void> name_outputs(MasterConfig& config);

/// Makes sure that no two files that are written are one file (OutputNames). Touches no file: call it before a log or report
/// is opened. Error of kind `invalid_input`.
Result<void> check_names_differ(const MasterConfig& config, const std::vector<FrameTask>& tasks);

/// Finds out whether every file can be written, so that nobody learns at 100 % that it cannot. Of the pictures in one folder
/// the first one tells. Error of kind `output`.
Result<void> check_all_outputs(const MasterConfig& config, const std::vector<FrameTask>& tasks);

}  // namespace oct
