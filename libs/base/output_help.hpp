#pragma once
#include <string>

namespace oct {

/// What would help where something could not be written, by the system's reason (a value of errno): "make room".
/// Empty for reasons of which nothing is known. It reads on after "then".
std::string output_help(int code);

}  // namespace oct
