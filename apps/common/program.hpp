#pragma once
#include <string>
#include <vector>

#include "base/exit_code.hpp"

namespace oct {

/// The main() of every program, whose name is `program`: sets up streams, limits and the contract's float mode,
/// hands `run` the arguments behind the program's name, and turns an exception that nobody caught into a message
/// and its code (base/exhaustion.hpp). A run that did everything, but whose standard output was lost, ends with
/// ExitCode::output.
int run_program(const char* program, int argc, char** argv,
                ExitCode (*run)(const std::vector<std::string>& arguments));

}  // namespace oct
