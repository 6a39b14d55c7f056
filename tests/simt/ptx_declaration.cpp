#include "simt/ptx_declaration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <sstream>

#include "simt/fault.hpp"
#include "simt/ptx_number.hpp"
#include "simt/ptx_scanner.hpp"

namespace oct::simt {
namespace {

/// Bytes of "{1, 2}" or "3", elements of the given size.
std::vector<u8> initial_bytes(std::string_view text, u32 element_size, u64 size) {
  std::vector<u8> bytes(size, 0);
  text = trimmed(text);
  if (text.starts_with('{')) text = text.substr(1, text.rfind('}') - 1);
  std::size_t at = 0;
  for (const std::string& value : split_operands(text)) {
    const std::optional<u64> bits = number_in(value);
    if (!bits) throw Fault(fmt::format("a variable that begins as \"{}\", which is not a number", value));
    if (at + element_size > bytes.size()) throw Fault("more initial values than the variable has room for");
    std::memcpy(bytes.data() + at, &*bits, element_size);
    at += element_size;
  }
  return bytes;
}

/// The index right after the parenthesis that closes the one at `open`.
std::size_t past_parentheses(std::string_view text, std::size_t open) {
  const std::size_t close = text.find(')', open);
  if (close == std::string_view::npos) throw Fault("a parenthesis that is not closed");
  return close + 1;
}

std::vector<Variable> parameters_in(std::string_view list) {
  std::vector<Variable> parameters;
  for (const std::string& text : split_operands(list))
    parameters.push_back(variable_declaration(text).variable);
  return parameters;
}

/// Space and alignment into `result`; the type, and the word that is no attribute any more: the name, perhaps with brackets.
std::pair<Type, std::string> read_attributes(std::string_view head, Declaration& result) {
  std::istringstream words{std::string(head)};
  Type type = Type::none;
  std::string word;
  while (words >> word) {
    if (word.front() != '.') return {type, word};
    const Type named = type_named(std::string_view(word).substr(1));
    if (word == ".align") {
      words >> result.variable.align;
    } else if (named != Type::none) {
      type = named;
    } else if (word == ".global" || word == ".const" || word == ".shared" || word == ".local" ||
               word == ".param") {
      result.space = word;
    } else if (word != ".visible" && word != ".extern" && word != ".weak" && word != ".ptr") {
      throw Fault(fmt::format("\"{}\" in a declaration: not known", word));
    }
  }
  return {type, ""};
}

}  // namespace

Declaration variable_declaration(std::string_view text) {
  Declaration result;
  const std::size_t equals = text.find('=');
  const std::string_view head = text.substr(0, equals);
  const auto [type, name] = read_attributes(head, result);
  if (type == Type::none || name.empty())
    throw Fault(fmt::format("a declaration without type or name: {}", text.substr(0, 80)));
  u64 count = 1;
  const std::size_t bracket = head.find('[');
  if (bracket != std::string_view::npos)
    count = number_in(trimmed(head.substr(bracket + 1, head.find(']') - bracket - 1))).value_or(0);
  result.variable.name = name.substr(0, name.find('['));
  result.variable.size = count * size_of(type);
  result.variable.align = std::max(result.variable.align, size_of(type));
  if (equals != std::string_view::npos)
    result.variable.bytes = initial_bytes(text.substr(equals + 1), size_of(type), result.variable.size);
  return result;
}

FunctionText function_header(std::string_view text) {
  FunctionText function;
  const std::size_t entry = text.find(".entry");
  function.is_kernel = entry != std::string_view::npos;
  std::size_t at = function.is_kernel ? entry + 6 : text.find(".func") + 5;
  while (at < text.size() && is_blank(text[at])) ++at;
  if (at < text.size() && text[at] == '(') {
    const std::size_t end = past_parentheses(text, at);
    function.results = parameters_in(text.substr(at + 1, end - at - 2));
    at = end;
  }
  const std::size_t open = std::min(text.find('(', at), text.size());
  const std::string_view name = trimmed(text.substr(at, open - at));
  function.name = name.substr(0, name.find_first_of(" \t\r\n"));
  if (function.name.empty()) throw Fault("a function without a name");
  if (open < text.size()) {
    const std::size_t end = past_parentheses(text, open);
    function.formals = parameters_in(text.substr(open + 1, end - open - 2));
  }
  return function;
}

}  // namespace oct::simt
