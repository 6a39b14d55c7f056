#pragma once
#include <functional>
#include <string>

#include "base/result.hpp"

namespace oct {

/// A variable of the environment; empty where it is not set.
using VariableReader = std::function<std::string(const char* name)>;
VariableReader system_variables();

/// The number that an engine gave to the job in which this program runs: of Slurm ("812", in an array "800_3"), PBS,
/// LSF or Grid Engine; without one the number of this process, which tells programs of one computer apart, too.
std::string job_number(const VariableReader& environment);

/// A name for people as an option has it: %h is this computer's name, %j job_number(), %% a percent sign.
/// invalid_input for any other letter behind a %.
///   option  "--name", for the error
Result<std::string> name_of_pattern(const std::string& option, const std::string& pattern,
                                    const VariableReader& environment = system_variables());

}  // namespace oct
