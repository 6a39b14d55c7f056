// The code that is tested here is the code that the programs have.
#include <algorithm>
#include <iterator>
#include <map>

#include "simt/fat_binary.hpp"
#include "simt/fault.hpp"
#include "simt/ptx_files.hpp"
#include "simt/ptx_scanner.hpp"
#include "simt/ptx_text.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

/// What is packed has fewer of them.
std::string without_blanks(const std::string& operand) {
  std::string text;
  std::copy_if(operand.begin(), operand.end(), std::back_inserter(text),
               [](char c) { return !simt::is_blank(c); });
  return text;
}

/// A function's instructions and variables as text, without lines of source.
std::string text_of(const simt::FunctionText& function) {
  std::string text;
  for (const simt::Statement& statement : function.statements) {
    text += statement.guard + (statement.guard_negated ? "!" : "") + statement.opcode;
    for (const std::string& operand : statement.operands) {
      text += ' ';
      text += without_blanks(operand);
    }
    text += "\n";
  }
  for (const auto& [label, at] : function.labels) {
    if (!label.starts_with("$L__tmp") && !label.starts_with("$L__func"))
      text += label + std::to_string(at) + "\n";
  }
  return text;
}

/// Names hold a component that nvcc makes of a file's path, options and process: "50_GLOBAL__N__..." of 50 letters. Without it.
std::string without_file_marks(std::string text) {
  for (const std::string mark : {"_GLOBAL__N__", "_INTERNAL_"}) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
      std::size_t begin = at;
      while (begin > 0 && text[begin - 1] >= '0' && text[begin - 1] <= '9') --begin;
      REQUIRE(begin < at);
      text.erase(begin, at - begin + std::stoul(text.substr(begin, at - begin)));
      at = begin;
    }
  }
  return text;
}

std::map<std::string, std::string> functions_of(const simt::PtxText& text) {
  std::map<std::string, std::string> functions;
  for (const simt::FunctionText& function : text.functions)
    functions[without_file_marks(function.name)] = without_file_marks(text_of(function));
  return functions;
}

}  // namespace

TEST_CASE("an object file without device code has no PTX", "[simt]") {
  CHECK_THROWS_AS(simt::embedded_ptx("/nowhere/a.o"), simt::Fault);
  CHECK_THROWS_AS(simt::embedded_ptx("LICENSE"), simt::Fault);
}

TEST_CASE("the programs have the code that is tested, instruction by instruction", "[simt]") {
  std::map<std::string, std::string> tested, shipped;
  std::string target;
  for (const std::string& file : simt::product_ptx()) {
    const simt::PtxText text = simt::read_ptx(file);
    target = text.target;
    tested.merge(functions_of(text));
  }
  for (const std::string& file : simt::files_in(OCT_SIMT_OBJECTS)) {
    for (const std::string& ptx : simt::embedded_ptx(file)) {
      const simt::PtxText text = simt::parse_ptx(ptx, file);
      if (text.target == target) shipped.merge(functions_of(text));
    }
  }
  if (shipped.empty()) {
    WARN("no object file with PTX for " << target << ": nothing to compare with");
    return;
  }
  REQUIRE(shipped.size() == tested.size());
  for (const auto& [name, text] : tested) {
    INFO(name);
    CHECK(!text.empty());
    REQUIRE(shipped.contains(name));
    CHECK((shipped[name] == text));  // without printing a megabyte
  }
}
