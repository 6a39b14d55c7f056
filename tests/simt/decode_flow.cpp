// Branches, calls, ends, barriers, and what does nothing in lockstep: fences and naps.
#include <array>

#include "simt/decoding.hpp"

namespace oct::simt {
namespace {

void nothing(Lanes&, const Instruction&) {}

bool decode_branch(Decoding& decoding) {
  decoding.opcode.take("uni");
  decoding.out.flow = Flow::branch;
  decoding.out.target = decoding.function.label(decoding.statement, decoding.operand(0));
  return true;
}

bool decode_branch_by_table(Decoding& decoding) {
  decoding.opcode.take("uni");
  if (!decoding.opcode.take("idx")) return false;
  decoding.out.flow = Flow::branch_table;
  decoding.source(0, Type::u32);
  decoding.out.target = decoding.function.branch_table(decoding.statement, decoding.operand(1));
  return true;
}

bool decode_call(Decoding& decoding) {
  decoding.opcode.take("uni");
  decoding.out.flow = Flow::call;
  decoding.out.target = decoding.function.call(decoding.statement);
  return true;
}

bool decode_end(Decoding& decoding, Flow flow) {
  decoding.opcode.take("uni");
  decoding.out.flow = flow;
  return true;
}

/// All threads of the block, or, with a number of threads, as many: the whole block is asked for here.
bool decode_barrier(Decoding& decoding) {
  decoding.opcode.take("cta");
  if (!decoding.opcode.take("sync")) return false;
  decoding.opcode.take("aligned");
  if (decoding.operand_count() > 1)
    decoding.function.fail(decoding.statement, "the interpreter knows barriers of whole blocks alone");
  decoding.out.flow = Flow::barrier;
  return true;
}

}  // namespace

bool decode_without_effect(Decoding& decoding) {
  while (!decoding.opcode.left_over().empty()) {
    const std::string all = decoding.opcode.left_over();
    decoding.opcode.take(std::string_view(all).substr(1, all.find('.', 1) - 1));
  }
  decoding.out.run = &nothing;
  return true;
}

bool decode_flow(Decoding& decoding) {
  const std::string& base = decoding.opcode.base();
  if (base == "bra") return decode_branch(decoding);
  if (base == "brx") return decode_branch_by_table(decoding);
  if (base == "call") return decode_call(decoding);
  if (base == "ret") return decode_end(decoding, Flow::ret);
  if (base == "exit") return decode_end(decoding, Flow::exit);
  if (base == "trap") return decode_end(decoding, Flow::trap);
  const bool of_warp = decoding.statement.opcode.starts_with("bar.warp");
  if ((base == "bar" && !of_warp) || base == "barrier") return decode_barrier(decoding);
  if (base == "membar" || base == "fence" || base == "nanosleep") return decode_without_effect(decoding);
  return false;
}

}  // namespace oct::simt
