#pragma once
#include <string>

namespace oct::simt {

/// About how many machine instructions ptxas makes of one PTX instruction on its usual way, fitted by hand to the sums of
/// sm_90: within 15 % for a kernel, good for comparing two versions of one.
double sass_cost(const std::string& opcode);

}  // namespace oct::simt
