#pragma once
#include <vector>

#include "data/types.hpp"

namespace oct::simt {

/// What an instruction cost so far.
struct InstructionCount {
  u64 warps = 0;  ///< times that a warp executed it
  u64 lanes = 0;  ///< active ones, over all these times
  u64 lines = 0;  ///< 128-byte lines that its accesses touched; for shared memory, passes that its banks need
  u64 sectors = 0;  ///< 32-byte pieces
};

/// What a kernel cost, the functions that it calls included.
struct KernelCounts {
  std::vector<std::vector<InstructionCount>>
      functions;  ///< by function of the program and instruction; empty = not called
  u64 launches = 0;
  u64 items = 0;  ///< rays or paths that it was run for
  u64 warps = 0;
  u64 threads = 0;
};

}  // namespace oct::simt
