#include "common/program.hpp"

#include <fmt/format.h>

#include <csignal>
#include <exception>

#include "base/console.hpp"
#include "base/exhaustion.hpp"
#include "base/float_mode.hpp"
#include "base/process_limits.hpp"
#include "common/arguments.hpp"

namespace oct {
namespace {

/// A pipe that nobody reads any more, or a file that grows over the limit (ulimit -f), is an error of the
/// write that meets it, not the end of the program.
void keep_alive_when_outputs_fail() {
#if !defined(_WIN32)
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
#endif
}

/// All was done, unless somebody waits for lines that were lost.
ExitCode with_lost_output(ExitCode code) {
  finish_output();
  const auto reason = lost_output();
  if (!reason || code != ExitCode::done) return code;
  Console({}).error(fmt::format("standard output: {}; lines of it are missing", *reason),
                    "make room, or send the output elsewhere");
  return ExitCode::output;
}

ExitCode tell(const std::exception& exception) {
  const Error error = error_of(exception);
  Console({}).error(error.message, error.help);
  return exit_code_of(error.kind);
}

}  // namespace

int run_program(int argc, char** argv, ExitCode (*run)(const std::vector<std::string>& arguments)) {
  keep_alive_when_outputs_fail();
  prepare_streams();
  raise_process_limits();
  end_by_uncaught_exceptions();
  ExitCode code = ExitCode::internal;
  try {
    with_enough_stack([&] {
      set_float_mode();
      code = with_lost_output(run(utf8_arguments(argc, argv)));
    });
  } catch (const std::exception& exception) {
    code = tell(exception);
  }
  return static_cast<int>(code);
}

}  // namespace oct
