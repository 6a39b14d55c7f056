#pragma once
#include <string>

#include "base/result.hpp"

namespace oct {

/// The first line of standard input. On a terminal it is asked for with `prompt` (on stderr) and not echoed;
/// the terminal is as before afterwards, also after CTRL-C. Secret: cleanse() it after use. cancelled after
/// CTRL-C; invalid_input when nothing comes, or far more than a key.
Result<std::string> read_secret_line(const char* prompt);

}  // namespace oct
