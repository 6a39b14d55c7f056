#include "common/program.hpp"

#include <csignal>
#include <exception>
#include <new>

#include "base/console.hpp"
#include "base/float_mode.hpp"
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

}  // namespace

int run_program(int argc, char** argv, ExitCode (*run)(const std::vector<std::string>& arguments)) {
  keep_alive_when_outputs_fail();
  prepare_streams();
  set_float_mode();
  try {
    return static_cast<int>(run(utf8_arguments(argc, argv)));
  } catch (const std::bad_alloc&) {
    Console({}).error("out of memory",
                      "close other programs, or ask for less: a smaller film, fewer textures");
    return static_cast<int>(ExitCode::device);
  } catch (const std::exception& error) {
    Console({}).error(error.what(), "this is a bug of the program, please report it");
    return static_cast<int>(ExitCode::internal);
  }
}

}  // namespace oct
