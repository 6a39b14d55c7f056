#pragma once
#include <memory>
#include <vector>

#include "simt/counts.hpp"
#include "simt/lanes.hpp"
#include "simt/program.hpp"

namespace oct::simt {

/// Extents of a grid or block, or an index within.
struct Extent3 {
  u32 x = 1, y = 1, z = 1;
  u64 count() const { return u64{x} * y * z; }
};

/// What a warp has in common with the others of its block.
struct BlockSetup {
  const Function* kernel = nullptr;
  u64 parameters = 0;  ///< address of the launch's arguments
  Extent3 grid, block;
  Extent3 index;           ///< of the block
  u64 shared = 0;          ///< address of its shared memory
  u32 dynamic_shared = 0;  ///< bytes of it that the launch asked for
  u32 multiprocessor = 0, multiprocessors = 1;
};

/// 32 threads in lockstep. Where they diverge, one side runs first up to where the ways meet again, then the other: a
/// stack of lanes and places.
class Warp {
 public:
  enum class State { running, at_barrier, done };

  explicit Warp(const Program& program) : program_(program), lanes_(*this) {}
  Warp(const Warp&) = delete;
  Warp& operator=(const Warp&) = delete;

  /// Begins anew as warp `number` of a block.
  void start(const BlockSetup& setup, u32 number, KernelCounts& counts);

  /// Executes up to `instructions`; less when it waits or ends. Fault for what a GPU would not allow.
  State run(u64 instructions);
  State state() const { return state_; }
  void pass_barrier();

  // For instructions
  u64 shared_base() const { return setup_->shared; }
  u32 shared_bytes() const { return setup_->kernel->shared_bytes + setup_->dynamic_shared; }
  /// Lanes whose thread has not ended.
  u32 live() const { return live_; }
  /// What the running instruction counts into.
  InstructionCount& count() { return *count_; }
  /// Whether [address, address + size) is local memory of a lane, where parameters of functions live, too; and which
  /// 4-byte word of it.
  bool find_local(u64 address, u32 size, u32 lane, u64& word) const;
  [[noreturn]] void fail(const std::string& what) const;

 private:
  /// Lanes that run together from `at` until they reach `until`.
  struct Entry {
    u32 at, until, lanes;
  };
  /// A running function.
  struct Frame {
    const Function* function = nullptr;
    const CallSite* from = nullptr;  ///< none for the kernel
    u32 callers = 0;                 ///< lanes that called it
    std::vector<Entry> entries;
    std::vector<InstructionCount>* counts = nullptr;
    std::vector<u64> memory;  ///< registers, then of each lane: parameters, call area, local variables
    u64 stack = 0;            ///< address of the first lane's parameters
    u64 stride = 0;           ///< bytes from one lane's to the next one's

    u64 calls() const { return stack + function->parameter_bytes; }
  };

  Frame& push_frame(const Function& function);
  void pop_frame();
  void fill_specials(Frame& frame) const;
  u32 special(Special special, u32 lane) const;
  void enter(Frame& frame);
  void follow(Frame& frame, const Instruction& instruction, u32 taken);
  void branch(Frame& frame, const Instruction& instruction, u32 taken);
  void branch_by_table(Frame& frame, const Instruction& instruction, u32 lanes);
  void diverge(Frame& frame, u32 meeting, u32 at, u32 lanes);
  void leave(Frame& frame, u32 lanes, bool ends_threads);
  void call(const CallSite& site, u32 lanes);

  const Program& program_;
  const BlockSetup* setup_ = nullptr;
  KernelCounts* counts_ = nullptr;
  u32 number_ = 0;
  u32 live_ = 0;
  State state_ = State::done;
  std::vector<std::unique_ptr<Frame>> frames_;  ///< kept for reuse beyond depth_
  u32 depth_ = 0;
  Lanes lanes_;
  InstructionCount* count_ = nullptr;
  u32 at_ = 0;  ///< the running instruction
};

}  // namespace oct::simt
