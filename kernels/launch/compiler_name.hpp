#pragma once

namespace oct {

/// What compiled the CPU's kernels, e.g. "clang 14.0.6". It may differ from what compiled the rest of the program.
const char* kernel_compiler();

}  // namespace oct
