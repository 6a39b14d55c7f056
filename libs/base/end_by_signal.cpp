#include "base/end_by_signal.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace oct {

void end_by_signal(int signal) {
  std::fflush(nullptr);
#if !defined(_WIN32)
  std::signal(signal, SIG_DFL);
  std::raise(signal);
#endif
  std::_Exit(static_cast<int>(exit_code_of_signal(signal)));
}

ExitCode exit_code_of_signal(int signal) {
#if defined(SIGHUP)
  if (signal == SIGHUP) return ExitCode::hung_up;
#endif
  return signal == SIGTERM ? ExitCode::terminated : ExitCode::interrupted;
}

}  // namespace oct
