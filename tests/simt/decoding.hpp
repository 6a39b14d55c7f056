#pragma once
#include "simt/function_decoder.hpp"
#include "simt/instruction.hpp"
#include "simt/opcode.hpp"

namespace oct::simt {

/// One instruction while it is decoded. Families of instructions each try it; the one that knows its name takes its
/// modifiers, names its operands and sets its handler.
struct Decoding {
  Opcode opcode;
  const Statement& statement;
  FunctionDecoder& function;
  Instruction out = {};

  /// The instruction's last type; Fault without one.
  Type take_type() {
    const Type type = opcode.take_type();
    if (type == Type::none) function.fail(statement, "the instruction names no type");
    return type;
  }
  const std::string& operand(std::size_t index) const {
    if (index >= statement.operands.size()) function.fail(statement, "an operand is missing");
    return statement.operands[index];
  }
  std::size_t operand_count() const { return statement.operands.size(); }

  /// Operand `index` of the statement as the next source or result.
  void source(std::size_t index, Type type) {
    out.sources[source_count++] = function.source(statement, operand(index), type);
  }
  void result(std::size_t index, Type type) {
    out.results[result_count++] = function.result(statement, operand(index), type);
  }
  /// The first operand as result, the others as sources, all of one type.
  void all_of(Type type, std::size_t sources) {
    result(0, type);
    for (std::size_t i = 1; i <= sources; ++i) source(i, type);
  }

  u32 source_count = 0;
  u32 result_count = 0;
};

// The families. Each is true when the instruction is one of its own.
bool decode_integer(Decoding& decoding);
bool decode_wide(Decoding& decoding);  ///< before decode_integer: mul.wide, mad.wide, mul.hi
bool decode_bits(Decoding& decoding);
bool decode_float(Decoding& decoding);  ///< before decode_integer: names are shared, types are not
bool decode_compare(Decoding& decoding);
bool decode_convert(Decoding& decoding);
bool decode_move(Decoding& decoding);
bool decode_memory(Decoding& decoding);
bool decode_atomic(Decoding& decoding);
bool decode_warp(Decoding& decoding);
bool decode_flow(Decoding& decoding);
/// What a program in lockstep does not see, whatever its modifiers: fences, naps, hints to caches. Always true.
bool decode_without_effect(Decoding& decoding);

}  // namespace oct::simt
