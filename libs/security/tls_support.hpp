#pragma once
#include "base/result.hpp"

namespace oct {

/// Whether this build can encrypt connections; some cross-compiled ones cannot.
bool has_tls();

/// incompatible, with what to do, when it cannot.
Result<void> check_tls();

}  // namespace oct
