#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "simt/ptx_type.hpp"

// PTX as written: functions, variables and statements, before anything is given a meaning.

namespace oct::simt {

/// A place in a source file of the kernels (.loc), or none: file 0.
struct SourcePlace {
  u32 file = 0;  ///< index into PtxText::files
  u32 line = 0;
};

/// One instruction: "@!%p1 ld.global.v2.u32 {%r1, %r2}, [%rd1+8];"
struct Statement {
  u32 line = 0;  ///< of the PTX file, from 1
  SourcePlace place;
  SourcePlace caller;  ///< what it was inlined into there; none in a function of its own
  std::string guard;   ///< "%p1", empty without one
  bool guard_negated = false;
  std::string opcode;                 ///< "ld.global.v2.u32"
  std::vector<std::string> operands;  ///< "{%r1, %r2}" and "[%rd1+8]"; brackets and braces hold together
};

/// A variable in memory, a parameter included.
struct Variable {
  std::string name;
  u32 align = 1;
  u64 size = 0;           ///< bytes; 0 = as large as the launch says
  std::vector<u8> bytes;  ///< what it holds at first, `size` of them; empty = zeros
};

struct RegisterSet {
  Type type = Type::none;
  bool numbered = false;  ///< "%r<9>" stands for %r0 ... %r8
};

/// Parameters of one call; they live in braces around it.
using CallScope = std::map<std::string, Variable>;

struct FunctionText {
  std::string name;
  bool is_kernel = false;
  bool has_body = false;
  std::vector<Variable> formals;  ///< in order
  std::vector<Variable> results;  ///< at most one
  std::vector<Variable> locals, shared;
  std::map<std::string, RegisterSet> registers;
  std::vector<Statement> statements;
  std::map<std::string, u32> labels;                              ///< index of the statement that follows
  std::map<std::string, std::vector<std::string>> branch_tables;  ///< .branchtargets by label
  std::vector<CallScope> call_scopes;
  std::vector<i32> scope_of_statement;  ///< index into call_scopes, -1 = none
};

struct PtxText {
  std::string name;                     ///< of the file, for messages
  std::string target;                   ///< "sm_90"
  std::map<u32, std::string> files;     ///< .file, by number
  std::vector<Variable> globals;        ///< in global and constant memory
  std::vector<Variable> shared;         ///< of the whole module
  std::vector<FunctionText> functions;  ///< those with a body
};

/// Fault for what is not PTX as nvcc writes it.
///   name  of the file, for messages
PtxText parse_ptx(std::string_view text, std::string name);
PtxText read_ptx(const std::string& path);

/// "name:line"
std::string place_in(const PtxText& text, u32 line);

/// Splits at commas outside of brackets, braces and parentheses; without blanks around the parts.
std::vector<std::string> split_operands(std::string_view text);

}  // namespace oct::simt
