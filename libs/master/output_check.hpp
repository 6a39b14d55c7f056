#pragma once
#include "base/result.hpp"
#include "master/master_config.hpp"

namespace oct {

/// Gives a render without an output its default one, and the checkpoint its name, and finds out whether every file can
/// be written, so that nobody learns at 100 % that it cannot. Error of kind `output`.
Result<void> prepare_outputs(MasterConfig& config);

}  // namespace oct
