#include "common/program.hpp"

#include <exception>

#include "base/console.hpp"
#include "base/float_mode.hpp"
#include "common/arguments.hpp"

namespace oct {

int run_program(int argc, char** argv, ExitCode (*run)(const std::vector<std::string>& arguments)) {
  prepare_streams();
  set_float_mode();
  try {
    return static_cast<int>(run(utf8_arguments(argc, argv)));
  } catch (const std::exception& error) {
    Console({}).error(error.what(), "this is a bug of the program, please report it");
    return static_cast<int>(ExitCode::internal);
  }
}

}  // namespace oct
