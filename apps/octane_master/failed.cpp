#include "octane_master/failed.hpp"

#include "common/command_line.hpp"

namespace oct {

ExitCode failed(Console& console, const Error& error, ExitCode code) {
  const Error shown = code == ExitCode::usage ? with_help(error, "octane_master") : error;
  console.error(shown.message, shown.help);
  return code;
}

ExitCode failed(Console& console, const Error& error) {
  return failed(console, error, exit_code_of(error.kind));
}

}  // namespace oct
