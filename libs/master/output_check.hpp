#pragma once
#include "base/result.hpp"
#include "master/master_config.hpp"

namespace oct {

/// Gives a render without an output its default one, and the checkpoint its name, and makes sure that no two files that
/// are written are one file (OutputNames). Touches no file: call it before a log or report is opened. Error of kind
/// `invalid_input`.
Result<void> name_outputs(MasterConfig& config);

/// Finds out whether every file can be written, so that nobody learns at 100 % that it cannot. Error of kind `output`.
Result<void> check_all_outputs(const MasterConfig& config);

}  // namespace oct
