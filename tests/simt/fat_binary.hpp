#pragma once
#include <string>
#include <vector>

namespace oct::simt {

/// The PTX that nvcc put into an object file beside the machine code, for GPUs newer than the program: one text for each
/// architecture that has any. Fault when the file is not what nvcc writes.
std::vector<std::string> embedded_ptx(const std::string& object_file);

}  // namespace oct::simt
