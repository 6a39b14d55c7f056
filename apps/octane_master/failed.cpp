#include "octane_master/failed.hpp"

namespace oct {

ExitCode exit_code_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::invalid_input: return ExitCode::usage;
    case ErrorKind::output: return ExitCode::output;
    case ErrorKind::incompatible: return ExitCode::version;
    case ErrorKind::unavailable:
    case ErrorKind::timed_out:
    case ErrorKind::protocol: return ExitCode::network;
    default: return ExitCode::internal;
  }
}

ExitCode failed(Console& console, const Error& error, ExitCode code) {
  console.error(error.message, error.help);
  return code;
}

ExitCode failed(Console& console, const Error& error) {
  return failed(console, error, exit_code_of(error));
}

}  // namespace oct
