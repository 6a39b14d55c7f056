#pragma once
#include "base/console.hpp"
#include "base/exit_code.hpp"
#include "base/result.hpp"

namespace oct {

/// Shows why a subcommand failed, and gives its exit code.
ExitCode failed(Console& console, const Error& error, ExitCode code);
ExitCode failed(Console& console, const Error& error);

}  // namespace oct
