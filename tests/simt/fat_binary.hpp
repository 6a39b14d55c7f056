#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "data/types.hpp"

namespace oct::simt {

/// The PTX that nvcc put into an object file beside the machine code, for GPUs newer than the program: one text for each
/// architecture that has any. Fault when the file is not what nvcc writes.
std::vector<std::string> embedded_ptx(const std::string& object_file);

/// The same of one fat binary, as a program has it in memory.
std::vector<std::string> ptx_of_fat_binary(std::string_view binary);

/// Bytes that tell how long a fat binary is, and how long it is.
inline constexpr u64 kFatBinaryHeader = 16;
u64 fat_binary_size(std::string_view beginning);

}  // namespace oct::simt
