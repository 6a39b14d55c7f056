#pragma once
#include "simt/program.hpp"

namespace oct::simt {

/// Sets where the lanes of each divergent branch meet again: at its block's immediate post-dominator, the first
/// instruction that all ways to the end pass; past the last instruction where they only meet at the end.
void find_reconvergence(Function& function);

}  // namespace oct::simt
