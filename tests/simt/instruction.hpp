#pragma once
#include "simt/lanes.hpp"
#include "simt/ptx_text.hpp"

namespace oct::simt {

using Handler = void (*)(Lanes& lanes, const Instruction& instruction);

/// How a warp goes on after an instruction. All but `next` have no handler.
enum class Flow : u8 { next, branch, branch_table, call, ret, exit, barrier, trap };

/// What the meter counts of an instruction.
enum class Access : u8 { none, load, store, atomic, local, shared };

inline constexpr u32 kNoIndex = 0xffffffffu;
inline constexpr u32 kMostOperands = 8;  ///< of a vector of eight

/// One instruction, decoded: nothing is looked up when it runs.
struct Instruction {
  Handler run = nullptr;
  Flow flow = Flow::next;
  Access access = Access::none;
  bool guarded = false;
  bool guard_negated = false;
  u8 element_size = 4;  ///< bytes of one element of a memory access
  u8 element_count = 1;
  u32 target = kNoIndex;  ///< a branch's, an instruction of the same function; a call's, or a table's index
  u32 reconverge = kNoIndex;  ///< where the lanes of a divergent branch meet again
  u32 immediate = 0;          ///< lookup table, mode, number of a barrier
  Operand guard;
  Operand results[kMostOperands];
  Operand sources[kMostOperands];
  i64 displacement = 0;  ///< bytes, of an address
  u32 statement = 0;     ///< index into FunctionText::statements
};

}  // namespace oct::simt
