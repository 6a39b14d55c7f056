#include "base/exit_code.hpp"

namespace oct {

ExitCode exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_input: return ExitCode::usage;
    case ErrorKind::output: return ExitCode::output;
    case ErrorKind::incompatible: return ExitCode::version;
    case ErrorKind::protocol:
    case ErrorKind::unavailable:
    case ErrorKind::timed_out: return ExitCode::network;
    case ErrorKind::exhausted: return ExitCode::device;
    case ErrorKind::cancelled: return ExitCode::interrupted;
    case ErrorKind::internal: return ExitCode::internal;
  }
  return ExitCode::internal;
}

}  // namespace oct
