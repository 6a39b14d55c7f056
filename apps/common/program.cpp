#include "common/program.hpp"

#include <algorithm>
#include <csignal>
#include <exception>
#include <new>
#include <system_error>

#include "base/console.hpp"
#include "base/float_mode.hpp"
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
  Console console({});
  console.wanted_line(version_json(program));
  return ExitCode::done;
}

/// What ended the program from inside. Too little of what the system has is no bug.
ExitCode tell(const std::exception& error) {
  Console console({});
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    console.error("out of memory", "close other programs, or ask for less: a smaller film, fewer textures");
    return ExitCode::device;
  }
  const auto* system = dynamic_cast<const std::system_error*>(&error);
  if (system != nullptr && system->code() == std::errc::resource_unavailable_try_again) {
    console.error("the system has no room for another thread",
                  "raise the limits of memory and processes (ulimit -v, -u), or use --threads N");
    return ExitCode::device;
  }
  console.error(error.what(), "this is a bug of the program, please report it");
  return ExitCode::internal;
}

}  // namespace

int run_program(const char* program, int argc, char** argv,
                ExitCode (*run)(const std::vector<std::string>& arguments)) {
  keep_alive_when_outputs_fail();
  prepare_streams();
  set_float_mode();
  try {
    const std::vector<std::string> words = utf8_arguments(argc, argv);
    return static_cast<int>(asks_for_build(words) ? print_build(program) : run(words));
  } catch (const std::exception& error) {
    return static_cast<int>(tell(error));
  }
}

}  // namespace oct
