#pragma once
#include "base/exit_code.hpp"

namespace oct {

/// Ends the program as the signal itself would have, so that a shell's loop stops too; where systems have no
/// such thing (Windows) it ends with 129, 130 or 143.
[[noreturn]] void end_by_signal(int signal);

/// interrupted for SIGINT, terminated for SIGTERM, hung_up for SIGHUP.
ExitCode exit_code_of_signal(int signal);

}  // namespace oct
