#include "simt/function_decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "simt/decoding.hpp"
#include "simt/fault.hpp"
#include "simt/flow_graph.hpp"
#include "simt/ptx_number.hpp"
#include "simt/ptx_scanner.hpp"

namespace oct::simt {
namespace {

constexpr u32 kParameterAlignment = 16;

u64 aligned(u64 offset, u64 align) {
  return (offset + align - 1) / align * align;
}

constexpr std::array<std::pair<std::string_view, Special>, 23> kSpecials = {
    {{"%tid.x", Special::tid_x},
     {"%tid.y", Special::tid_y},
     {"%tid.z", Special::tid_z},
     {"%ntid.x", Special::ntid_x},
     {"%ntid.y", Special::ntid_y},
     {"%ntid.z", Special::ntid_z},
     {"%ctaid.x", Special::ctaid_x},
     {"%ctaid.y", Special::ctaid_y},
     {"%ctaid.z", Special::ctaid_z},
     {"%nctaid.x", Special::nctaid_x},
     {"%nctaid.y", Special::nctaid_y},
     {"%nctaid.z", Special::nctaid_z},
     {"%laneid", Special::laneid},
     {"%warpid", Special::warpid},
     {"%nwarpid", Special::nwarpid},
     {"%smid", Special::smid},
     {"%nsmid", Special::nsmid},
     {"%lanemask_eq", Special::lanemask_eq},
     {"%lanemask_lt", Special::lanemask_lt},
     {"%lanemask_le", Special::lanemask_le},
     {"%lanemask_gt", Special::lanemask_gt},
     {"%lanemask_ge", Special::lanemask_ge},
     {"%dynamic_smem_size", Special::dynamic_shared_bytes}}};

/// "name+4" as "name" and 4.
std::pair<std::string, i64> with_displacement(const std::string& text) {
  const std::size_t plus = text.find('+');
  if (plus == std::string::npos) return {text, 0};
  const std::optional<u64> number = number_in(trimmed(std::string_view(text).substr(plus + 1)));
  return {std::string(trimmed(std::string_view(text).substr(0, plus))), static_cast<i64>(number.value_or(0))};
}

}  // namespace

void lay_out_parameters(Function& function) {
  u64 offset = 0;
  const auto place = [&](const std::vector<Variable>& variables, std::vector<u32>& offsets, bool dense) {
    for (const Variable& variable : variables) {
      offset = aligned(offset, dense ? std::max(variable.align, 1u) : kParameterAlignment);
      offsets.push_back(static_cast<u32>(offset));
      offset += variable.size;
    }
  };
  place(function.text->formals, function.formal_offsets, function.text->is_kernel);
  place(function.text->results, function.result_offsets, false);
  function.parameter_bytes = static_cast<u32>(aligned(offset, kParameterAlignment));
}

FunctionDecoder::FunctionDecoder(Program& program, Function& function,
                                 const std::map<std::string, u32>& indices)
    : program_(program), function_(function), indices_(indices) {
  function_.local_base = new_register(true);
  function_.parameter_base = new_register(true);
  function_.call_base = new_register(true);
  lay_out_variables();
  place_call_areas();
}

void FunctionDecoder::lay_out_variables() {
  for (const auto& [name, address] : program_.globals_)
    names_[name] = {program_.constants_.double_word(address), 0, false};
  for (const auto& [name, offset] : program_.shared_)
    names_[name] = {program_.constants_.double_word(offset), 0, false};
  u64 shared = program_.module_shared_bytes_;
  for (const Variable& variable : function_.text->shared) {
    shared = aligned(shared, variable.align);
    names_[variable.name] = {program_.constants_.double_word(shared), 0, false};
    shared += variable.size;
  }
  function_.shared_bytes = static_cast<u32>(aligned(shared, kParameterAlignment));
  for (const Variable& variable : program_.text_.shared) {
    if (variable.size == 0)
      names_[variable.name] = {program_.constants_.double_word(function_.shared_bytes), 0, false};
  }
  u64 local = 0;
  for (const Variable& variable : function_.text->locals) {
    local = aligned(local, variable.align);
    names_[variable.name] = {function_.local_base, static_cast<i64>(local), false};
    local += variable.size;
  }
  function_.local_bytes = static_cast<u32>(aligned(local, kParameterAlignment));
  for (std::size_t i = 0; i < function_.text->formals.size(); ++i)
    names_[function_.text->formals[i].name] = {function_.parameter_base, function_.formal_offsets[i], false};
  for (std::size_t i = 0; i < function_.text->results.size(); ++i)
    names_[function_.text->results[i].name] = {function_.parameter_base, function_.result_offsets[i], false};
}

void FunctionDecoder::place_call_areas() {
  for (const CallScope& scope : function_.text->call_scopes) {
    std::map<std::string, u32>& offsets = call_offsets_.emplace_back();
    u64 offset = 0;
    for (const auto& [name, variable] : scope) {
      offset = aligned(offset, kParameterAlignment);
      offsets[name] = static_cast<u32>(offset);
      offset += variable.size;
    }
    function_.call_bytes =
        std::max(function_.call_bytes, static_cast<u32>(aligned(offset, kParameterAlignment)));
  }
}

void FunctionDecoder::decode() {
  for (const Statement& statement : function_.text->statements) {
    Instruction instruction = decode_one(statement);
    instruction.statement = static_cast<u32>(&statement - function_.text->statements.data());
    if (!statement.guard.empty()) {
      bool negated = false;
      instruction.guarded = true;
      instruction.guard = predicate(statement, statement.guard, negated);
      instruction.guard_negated = statement.guard_negated;
    }
    function_.code.push_back(instruction);
  }
  find_reconvergence(function_);
}

Instruction FunctionDecoder::decode_one(const Statement& statement) {
  Decoding decoding{Opcode(statement.opcode), statement, *this};
  static constexpr std::array kFamilies = {decode_flow,    decode_float, decode_wide,   decode_integer,
                                           decode_bits,    decode_move,  decode_memory, decode_compare,
                                           decode_convert, decode_warp,  decode_atomic};
  const bool known =
      std::any_of(kFamilies.begin(), kFamilies.end(), [&](auto family) { return family(decoding); });
  if (!known) fail(statement, "the interpreter does not know this instruction");
  const std::string left_over = decoding.opcode.left_over();
  if (!left_over.empty())
    fail(statement, fmt::format("the interpreter does not know \"{}\" of this instruction", left_over));
  return decoding.out;
}

void FunctionDecoder::fail(const Statement& statement, const std::string& what) const {
  throw Fault(fmt::format("{}: {} {}: {}", place_in(program_.text(), statement.line), statement.opcode,
                          fmt::join(statement.operands, ", "), what));
}

Operand FunctionDecoder::new_register(bool wide) {
  Operand operand;
  operand.offset = function_.register_bytes & 0x7fffffffu;
  function_.register_bytes += kLanes * (wide ? 8 : 4);
  return operand;
}

Type FunctionDecoder::declared_type(const std::string& name) const {
  const auto& declared = function_.text->registers;
  if (const auto exact = declared.find(name); exact != declared.end()) return exact->second.type;
  const std::size_t digits = name.find_last_not_of("0123456789");
  const auto set = declared.find(name.substr(0, digits + 1));
  return set != declared.end() && set->second.numbered ? set->second.type : Type::none;
}

const FunctionDecoder::Known* FunctionDecoder::find_register(const std::string& name) {
  if (const auto found = registers_.find(name); found != registers_.end()) return &found->second;
  const Type type = declared_type(name);
  if (type == Type::none) return nullptr;
  return &registers_.emplace(name, Known{new_register(size_of(type) == 8), type}).first->second;
}

bool FunctionDecoder::is_wide(const std::string& text) const {
  return size_of(declared_type(text)) == 8;
}

bool FunctionDecoder::is_name(const std::string& text) const {
  return !number_in(text) && declared_type(text) == Type::none && !text.starts_with('%');
}

Operand FunctionDecoder::source(const Statement& statement, const std::string& text, Type type) {
  const bool wide = size_of(type) == 8;
  if (const std::optional<u64> bits = number_in(text)) {
    if (type == Type::pred) return program_.constants_.predicate(*bits != 0);
    if (wide) return program_.constants_.double_word(*bits);
    const u32 word = static_cast<u32>(*bits);
    return program_.constants_.word(size_of(type) == 2 ? word & 0xffffu : word);
  }
  const Known* known = find_register(text);
  if (!known) return special(statement, text);
  if ((known->type == Type::pred) != (type == Type::pred) || (size_of(known->type) == 8) != wide)
    fail(statement, fmt::format("{} has another width than the instruction", text));
  return known->operand;
}

Operand FunctionDecoder::result(const Statement& statement, const std::string& text, Type type) {
  if (text == "_") return unused(type);
  const Known* known = find_register(text);
  if (!known) fail(statement, fmt::format("{} is not a register", text));
  if ((known->type == Type::pred) != (type == Type::pred) ||
      (size_of(known->type) == 8) != (size_of(type) == 8))
    fail(statement, fmt::format("{} has another width than the instruction", text));
  return known->operand;
}

Operand FunctionDecoder::predicate(const Statement& statement, std::string text, bool& negated) {
  negated = text.starts_with('!');
  if (negated) text.erase(0, 1);
  return source(statement, text, Type::pred);
}

Operand FunctionDecoder::special(const Statement& statement, const std::string& name) {
  if (name == "WARP_SZ") return program_.constants_.word(kLanes);
  if (const auto found = specials_.find(name); found != specials_.end()) return found->second;
  for (const auto& [known, kind] : kSpecials) {
    if (known != name) continue;
    const Operand where = new_register(false);
    function_.specials.push_back({kind, where});
    return specials_[name] = where;
  }
  fail(statement, fmt::format("the interpreter does not know {}", name));
}

const std::map<std::string, u32>& FunctionDecoder::call_offsets(const Statement& statement) const {
  static const std::map<std::string, u32> kNone;
  const std::size_t index = static_cast<std::size_t>(&statement - function_.text->statements.data());
  const i32 scope = function_.text->scope_of_statement[index];
  return scope < 0 ? kNone : call_offsets_[static_cast<std::size_t>(scope)];
}

u32 FunctionDecoder::call_offset(const Statement& statement, const std::string& name) const {
  const auto found = call_offsets(statement).find(name);
  if (found == call_offsets(statement).end())
    fail(statement, fmt::format("{} is not a parameter declared around the call", name));
  return found->second;
}

Address FunctionDecoder::named(const Statement& statement, const std::string& text) {
  const auto [name, displacement] = with_displacement(text);
  if (call_offsets(statement).contains(name))
    return {function_.call_base, call_offset(statement, name) + displacement, false};
  const auto found = names_.find(name);
  if (found == names_.end()) fail(statement, fmt::format("{} is not declared", name));
  return {found->second.base, found->second.displacement + displacement, false};
}

Address FunctionDecoder::address(const Statement& statement, const std::string& text) {
  if (text.size() < 3 || text.front() != '[' || text.back() != ']')
    fail(statement, fmt::format("{} is not an address", text));
  const std::string inner(trimmed(std::string_view(text).substr(1, text.size() - 2)));
  const auto [base, displacement] = with_displacement(inner);
  if (const std::optional<u64> bits = number_in(base))
    return {program_.constants_.double_word(*bits), displacement, false};
  if (is_name(base)) return named(statement, inner);
  const bool narrow = !is_wide(base);
  return {source(statement, base, narrow ? Type::b32 : Type::b64), displacement, narrow};
}

u32 FunctionDecoder::literal(const Statement& statement, const std::string& text) const {
  const std::optional<u64> bits = number_in(text);
  if (!bits) fail(statement, fmt::format("{} is not a number", text));
  return static_cast<u32>(*bits);
}

u32 FunctionDecoder::label(const Statement& statement, const std::string& name) const {
  const auto found = function_.text->labels.find(name);
  if (found == function_.text->labels.end()) fail(statement, fmt::format("there is no label {}", name));
  return found->second;
}

u32 FunctionDecoder::branch_table(const Statement& statement, const std::string& name) {
  if (const auto found = tables_.find(name); found != tables_.end()) return found->second;
  const auto names = function_.text->branch_tables.find(name);
  if (names == function_.text->branch_tables.end())
    fail(statement, fmt::format("there are no branch targets {}", name));
  std::vector<u32>& targets = function_.branch_tables.emplace_back();
  for (const std::string& target : names->second) targets.push_back(label(statement, target));
  return tables_[name] = static_cast<u32>(function_.branch_tables.size() - 1);
}

u32 FunctionDecoder::call(const Statement& statement) {
  std::vector<std::string> parts = statement.operands;
  const auto list = [](const std::string& text) {
    return split_operands(std::string_view(text).substr(1, text.size() - 2));
  };
  CallSite site;
  std::vector<std::string> results;
  if (!parts.empty() && parts.front().starts_with('(')) {
    results = list(parts.front());
    parts.erase(parts.begin());
  }
  if (parts.empty()) fail(statement, "a call of nothing");
  const auto callee = indices_.find(parts.front());
  if (callee == indices_.end())
    fail(statement,
         fmt::format("{} has no body in this file, or is called through a register", parts.front()));
  site.callee = callee->second;
  const Function& target = program_.functions_[site.callee];
  const std::vector<std::string> arguments = parts.size() > 1 ? list(parts[1]) : std::vector<std::string>{};
  if (arguments.size() != target.formal_offsets.size() || results.size() != target.result_offsets.size())
    fail(statement, "a call with another number of arguments than the function has");
  for (std::size_t i = 0; i < arguments.size(); ++i)
    site.arguments.push_back({call_offset(statement, arguments[i]), target.formal_offsets[i],
                              static_cast<u32>(target.text->formals[i].size)});
  for (std::size_t i = 0; i < results.size(); ++i)
    site.results.push_back({target.result_offsets[i], call_offset(statement, results[i]),
                            static_cast<u32>(target.text->results[i].size)});
  function_.calls.push_back(std::move(site));
  return static_cast<u32>(function_.calls.size() - 1);
}

}  // namespace oct::simt
