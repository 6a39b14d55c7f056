#pragma once
#include <memory>
#include <string>
#include <vector>

#include "simt/constant_pool.hpp"
#include "simt/instruction.hpp"
#include "simt/ptx_text.hpp"

namespace oct::simt {

/// Registers that the hardware fills.
enum class Special : u8 {
  tid_x,
  tid_y,
  tid_z,
  ntid_x,
  ntid_y,
  ntid_z,
  ctaid_x,
  ctaid_y,
  ctaid_z,
  nctaid_x,
  nctaid_y,
  nctaid_z,
  laneid,
  warpid,
  nwarpid,
  smid,
  nsmid,
  lanemask_eq,
  lanemask_lt,
  lanemask_le,
  lanemask_gt,
  lanemask_ge,
  dynamic_shared_bytes
};

struct SpecialUse {
  Special special;
  Operand where;
};

/// Bytes of each lane that a call copies.
struct ParameterCopy {
  u32 from, to, size;
};

struct CallSite {
  u32 callee = kNoIndex;                 ///< index into Program::functions
  std::vector<ParameterCopy> arguments;  ///< from the caller's call area to the callee's parameters
  std::vector<ParameterCopy> results;    ///< and back
};

struct Function {
  const FunctionText* text = nullptr;
  std::vector<Instruction> code;
  std::vector<std::vector<u32>> branch_tables;
  std::vector<CallSite> calls;
  std::vector<SpecialUse> specials;
  std::vector<u32> formal_offsets;  ///< in the parameters of a lane, or of a kernel's launch
  std::vector<u32> result_offsets;
  u32 register_bytes = 0;
  u32 parameter_bytes = 0;  ///< of a lane: parameters and result
  u32 call_bytes = 0;       ///< of a lane: what it passes to functions that it calls, and gets back
  u32 local_bytes = 0;      ///< of a lane
  u32 shared_bytes = 0;     ///< of a block, without dynamic ones
  Operand local_base, parameter_base, call_base;  ///< addresses, filled when a frame is made
};

/// PTX made ready to run. Immovable: registers hold addresses of its variables.
class Program {
 public:
  /// Fault for what the interpreter does not know, with file and line.
  explicit Program(PtxText text);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  const PtxText& text() const { return text_; }
  const std::vector<Function>& functions() const { return functions_; }
  const std::byte* constants() const { return constants_.data(); }

  /// The kernel whose mangled name holds `part`; Fault unless there is exactly one.
  const Function& kernel(const std::string& part) const;
  u32 index_of(const Function& function) const { return static_cast<u32>(&function - functions_.data()); }

 private:
  friend class FunctionDecoder;

  void place_variables();

  PtxText text_;
  ConstantPool constants_;
  std::map<std::string, u64> globals_;  ///< addresses
  std::map<std::string, u64> shared_;   ///< offsets in the shared memory of a block
  u32 module_shared_bytes_ = 0;
  std::vector<std::vector<u64>> memory_;  ///< of the globals
  std::vector<Function> functions_;
};

}  // namespace oct::simt
