#pragma once
#include <string>
#include <vector>

namespace oct {

/// The arguments behind the program's name as UTF-8, on Windows too, where main() gets them in the local code
/// page.
std::vector<std::string> utf8_arguments(int argc, char** argv);

/// Folder of the running program, with a slash at its end; empty when the system does not tell.
std::string program_folder();

}  // namespace oct
