#pragma once
#include <memory>
#include <random>
#include <vector>

#include "simt/warp.hpp"

namespace oct::simt {

struct Launch {
  const Function* kernel = nullptr;
  Extent3 grid, block;
  u32 dynamic_shared = 0;              ///< bytes
  std::vector<const void*> arguments;  ///< one for each parameter of the kernel
};

struct MachineOptions {
  u32 resident_blocks = 1;  ///< that take turns; a persistent kernel should have all of its own here
  u64 turn = ~u64{0};       ///< instructions that a warp executes before the next one's turn
  u32 seed = 0;             ///< blocks start in an order drawn from it; 0 = in their own
};

/// A GPU of 32-lane warps in lockstep. Blocks run one after the other, or take turns.
class Machine {
 public:
  explicit Machine(const Program& program) : program_(program) {}

  /// Runs the kernel to its end. Fault for what a GPU would not allow, with file, line, block and lanes.
  void run(const Launch& launch, MachineOptions options, KernelCounts& counts);

 private:
  struct Block {
    BlockSetup setup;
    std::vector<u64> shared;
    std::vector<std::unique_ptr<Warp>> warps;
    bool runs = false;
  };

  std::vector<u64> argument_bytes(const Launch& launch) const;
  void start(Block& block, const Launch& launch, u32 number, u64 parameters, MachineOptions options,
             KernelCounts& counts);

  const Program& program_;
  std::vector<std::unique_ptr<Block>> blocks_;  ///< resident ones, kept for reuse
};

}  // namespace oct::simt
