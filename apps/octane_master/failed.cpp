#include "octane_master/failed.hpp"

namespace oct {

ExitCode failed(Console& console, const Error& error, ExitCode code) {
  console.error(error.message, error.help);
  return code;
}

ExitCode failed(Console& console, const Error& error) {
  return failed(console, error, exit_code_of(error.kind));
}

}  // namespace oct
