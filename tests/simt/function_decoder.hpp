#pragma once
#include <map>
#include <string>

#include "simt/program.hpp"

namespace oct::simt {

/// Where the parameters and the result of a function lie.
void lay_out_parameters(Function& function);

struct Address {
  Operand base;  ///< of 64 bits, or of 32 in shared memory
  i64 displacement = 0;
  bool is_narrow = false;  ///< the base is a register of 32 bits
};

/// Turns the statements of a function into instructions; knows its registers and names.
class FunctionDecoder {
 public:
  /// `indices` of functions by name.
  FunctionDecoder(Program& program, Function& function, const std::map<std::string, u32>& indices);

  void decode();

  /// A register, a literal, or the address of a variable as a value of this type.
  Operand source(const Statement& statement, const std::string& text, Type type);
  Operand result(const Statement& statement, const std::string& text, Type type);
  /// "!%p1" gives the register and sets `negated`.
  Operand predicate(const Statement& statement, std::string text, bool& negated);
  Address address(const Statement& statement, const std::string& text);
  /// A variable's name, perhaps with "+4"; none for registers and literals.
  bool is_name(const std::string& text) const;
  Address named(const Statement& statement, const std::string& text);

  /// A place for what nobody reads ("_").
  Operand unused(Type type) { return new_register(size_of(type) == 8); }
  /// Whether a register has 64 bits.
  bool is_wide(const std::string& text) const;
  /// Bits of a literal; Fault for anything else.
  u32 literal(const Statement& statement, const std::string& text) const;

  u32 label(const Statement& statement, const std::string& name) const;
  u32 branch_table(const Statement& statement, const std::string& name);
  u32 call(const Statement& statement);

  [[noreturn]] void fail(const Statement& statement, const std::string& what) const;

 private:
  struct Known {
    Operand operand;
    Type type;
  };

  Instruction decode_one(const Statement& statement);
  void lay_out_variables();
  void place_call_areas();
  Operand new_register(bool wide);
  const Known* find_register(const std::string& name);
  Type declared_type(const std::string& name) const;
  Operand special(const Statement& statement, const std::string& name);
  /// Of the parameters declared in the braces around the statement.
  const std::map<std::string, u32>& call_offsets(const Statement& statement) const;
  u32 call_offset(const Statement& statement, const std::string& name) const;

  Program& program_;
  Function& function_;
  const std::map<std::string, u32>& indices_;
  std::map<std::string, Known> registers_;
  std::map<std::string, Address> names_;
  std::map<std::string, Operand> specials_;
  std::vector<std::map<std::string, u32>> call_offsets_;  ///< by scope
  std::map<std::string, u32> tables_;
};

}  // namespace oct::simt
