#pragma once
#include <functional>
#include <string>
#include <vector>

#include "simt/ptx_text.hpp"

namespace oct::simt {

/// The text of a line of a source file; empty when there is none.
using SourceLine = std::function<std::string(const std::string& path, u32 line)>;

/// What stands in the PTX against the determinism contract, one line for each offence:
///   - float operations without a written rounding, which ptxas may fuse
///   - fused multiply-adds that the source does not ask for by an intrinsic
///   - approximate instructions, and those that flush denormals, outside of the expansion of a correctly rounded intrinsic
///   - sums of floats by atomics
std::vector<std::string> offences(const PtxText& text, const SourceLine& source_line);

/// Reads the files of the source tree.
std::string line_of_file(const std::string& path, u32 line);

}  // namespace oct::simt
