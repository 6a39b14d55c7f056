#pragma once
#include <string>
#include <vector>

#include "base/exit_code.hpp"

namespace oct {

/// The main() of every program: sets up streams and the contract's float mode, hands `run` the arguments
/// behind the program's name, and turns an exception that nobody caught into a message and
/// ExitCode::internal. `program` is its name, for --version --json.
int run_program(const char* program, int argc, char** argv, ExitCode (*run)(const std::vector<std::string>& arguments));

}  // namespace oct
