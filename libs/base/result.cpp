#include "base/result.hpp"

namespace oct {

const char* to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_input: return "invalid_input";
    case ErrorKind::output: return "output";
    case ErrorKind::incompatible: return "incompatible";
    case ErrorKind::protocol: return "protocol";
    case ErrorKind::unavailable: return "unavailable";
    case ErrorKind::timed_out: return "timed_out";
    case ErrorKind::exhausted: return "exhausted";
    case ErrorKind::cancelled: return "cancelled";
    case ErrorKind::internal: return "internal";
  }
  return "internal";
}

}  // namespace oct
