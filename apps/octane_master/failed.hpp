#pragma once
#include "base/console.hpp"
#include "base/exit_code.hpp"
#include "base/result.hpp"

namespace oct {

/// The exit code of a subcommand that ends with such an error.
ExitCode exit_code_of(const Error& error);

/// Shows why a subcommand failed, and gives its exit code.
ExitCode failed(Console& console, const Error& error, ExitCode code);
ExitCode failed(Console& console, const Error& error);

}  // namespace oct
