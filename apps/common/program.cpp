#include "common/program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <exception>

#include "base/console.hpp"
#include "base/exhaustion.hpp"
#include "base/float_mode.hpp"
#include "base/free_memory.hpp"
#include "base/process_limits.hpp"
#include "common/arguments.hpp"
#include "common/build_report.hpp"

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

/// --version --json, the same for all programs and wherever a subcommand has no --json of its own.
bool asks_for_build(const std::vector<std::string>& arguments) {
  return arguments.size() == 2 && std::ranges::count(arguments, "--version") == 1 &&
         std::ranges::count(arguments, "--json") == 1;
}

ExitCode print_build(const char* program) {
  Console({}).wanted_line(version_json(program));
  return ExitCode::done;
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

int run_program(const char* program, int argc, char** argv,
                ExitCode (*run)(const std::vector<std::string>& arguments)) {
  keep_alive_when_outputs_fail();
  keep_heap_small();
  prepare_streams();
  raise_process_limits();
  end_by_uncaught_exceptions();
  ExitCode code = ExitCode::internal;
  try {
    with_enough_stack([&] {
      set_float_mode();
      const std::vector<std::string> words = utf8_arguments(argc, argv);
      code = with_lost_output(asks_for_build(words) ? print_build(program) : run(words));
    });
  } catch (const std::exception& exception) {
    code = tell(exception);
  }
  return static_cast<int>(code);
}

}  // namespace oct
