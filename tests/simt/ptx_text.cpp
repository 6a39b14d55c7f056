#include "simt/ptx_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "simt/fault.hpp"
#include "simt/ptx_declaration.hpp"
#include "simt/ptx_scanner.hpp"

namespace oct::simt {
namespace {

/// What follows "word" where the text begins with it; else nothing.
std::optional<std::string_view> after(std::string_view text, std::string_view word) {
  if (!text.starts_with(word)) return std::nullopt;
  const std::string_view rest = text.substr(word.size());
  if (!rest.empty() && !is_blank(rest.front()) && rest.front() != '(') return std::nullopt;
  return trimmed(rest);
}

class Parser {
 public:
  Parser(std::string_view text, std::string name) : scanner_(text) { result_.name = std::move(name); }

  PtxText parse() {
    while (const std::optional<Piece> piece = scanner_.next()) take(*piece);
    if (function_) fail_at(scanner_.line(), "the file ends within a function");
    return std::move(result_);
  }

 private:
  [[noreturn]] void fail_at(u32 line, const std::string& what) const {
    throw Fault(fmt::format("{}: {}", place_in(result_, line), what));
  }

  void take(const Piece& piece) {
    switch (piece.end) {
      case PieceEnd::line: return line_directive(piece);
      case PieceEnd::label: return label(piece);
      case PieceEnd::open: return open(piece);
      case PieceEnd::close: return close(piece);
      case PieceEnd::semicolon: return function_ ? in_function(piece) : at_module(piece);
    }
  }

  void line_directive(const Piece& piece) {
    std::istringstream words{std::string(piece.text)};
    std::string directive;
    words >> directive;
    if (directive == ".target") {
      words >> result_.target;
      if (!result_.target.empty() && result_.target.back() == ',') result_.target.pop_back();
    } else if (directive == ".file") {
      u32 number = 0;
      std::string path;
      words >> number >> path;
      result_.files[number] = path.size() > 2 ? path.substr(1, path.rfind('"') - 1) : path;
    } else if (directive == ".loc") {
      std::string column, word;
      place_ = caller_ = {};
      words >> place_.file >> place_.line >> column;
      while (words >> word) {
        if (word == "inlined_at") words >> caller_.file >> caller_.line;
      }
    }
  }

  void label(const Piece& piece) {
    if (!function_) fail_at(piece.line, "a label outside of any function");
    last_label_ = piece.text;
    function_->labels[last_label_] = static_cast<u32>(function_->statements.size());
  }

  void open(const Piece& piece) {
    if (function_) {
      ++depth_;
      function_->call_scopes.emplace_back();
      scopes_.push_back(static_cast<i32>(function_->call_scopes.size()) - 1);
      return;
    }
    function_ = parse_function_header(piece);
    function_->has_body = true;
    depth_ = 1;
    place_ = caller_ = {};
  }

  void close(const Piece& piece) {
    if (!function_) fail_at(piece.line, "a closing brace too many");
    if (--depth_ > 0) {
      scopes_.pop_back();
      return;
    }
    result_.functions.push_back(*std::move(function_));
    function_.reset();
  }

  FunctionText parse_function_header(const Piece& piece) const {
    try {
      return function_header(piece.text);
    } catch (const Fault& fault) {
      fail_at(piece.line, fault.what());
    }
  }

  void at_module(const Piece& piece) {
    const std::string_view text = piece.text;
    if (text.empty() || text.find(".func") != std::string_view::npos ||
        text.find(".entry") != std::string_view::npos || text.starts_with(".pragma"))
      return;  // a declaration whose body follows or is never called
    declare(piece, result_.globals, result_.shared);
  }

  /// A variable of the module or of a function, by its space.
  void declare(const Piece& piece, std::vector<Variable>& others, std::vector<Variable>& shared) {
    try {
      const Declaration declaration = variable_declaration(piece.text);
      (declaration.space == ".shared" ? shared : others).push_back(declaration.variable);
    } catch (const Fault& fault) {
      fail_at(piece.line, fault.what());
    }
  }

  void in_function(const Piece& piece) {
    const std::string_view text = piece.text;
    if (text.empty() || text.starts_with(".pragma")) return;
    if (const auto registers = after(text, ".reg")) return declare_registers(piece, *registers);
    if (text.starts_with(".param")) return declare_parameter(piece);
    if (const auto targets = after(text, ".branchtargets")) {
      function_->branch_tables[last_label_] = split_operands(*targets);
      return;
    }
    if (text.front() == '.') return declare(piece, function_->locals, function_->shared);
    add_statement(piece);
  }

  void declare_registers(const Piece& piece, std::string_view text) {
    const std::size_t blank = text.find_first_of(" \t");
    const Type type = text.starts_with('.') ? type_named(text.substr(1, blank - 1)) : Type::none;
    if (type == Type::none) fail_at(piece.line, fmt::format("registers of an unknown type: {}", piece.text));
    for (const std::string& name : split_operands(text.substr(blank))) {
      const std::size_t angle = name.find('<');
      function_->registers[name.substr(0, angle)] = {type, angle != std::string::npos};
    }
  }

  void declare_parameter(const Piece& piece) {
    if (scopes_.empty()) fail_at(piece.line, "a parameter outside of a call");
    try {
      const Variable variable = variable_declaration(piece.text).variable;
      function_->call_scopes[static_cast<std::size_t>(scopes_.back())][variable.name] = variable;
    } catch (const Fault& fault) {
      fail_at(piece.line, fault.what());
    }
  }

  void add_statement(const Piece& piece) {
    Statement statement;
    statement.line = piece.line;
    statement.place = place_;
    statement.caller = caller_;
    std::string_view text = piece.text;
    if (text.starts_with('@')) {
      statement.guard_negated = text.size() > 1 && text[1] == '!';
      text.remove_prefix(statement.guard_negated ? 2 : 1);
      const std::size_t blank = std::min(text.find_first_of(" \t\n"), text.size());
      statement.guard = text.substr(0, blank);
      text = trimmed(text.substr(blank));
    }
    const std::size_t blank = std::min(text.find_first_of(" \t\n"), text.size());
    statement.opcode = text.substr(0, blank);
    statement.operands = split_operands(text.substr(blank));
    function_->statements.push_back(std::move(statement));
    function_->scope_of_statement.push_back(scopes_.empty() ? -1 : scopes_.back());
  }

  Scanner scanner_;
  PtxText result_;
  std::optional<FunctionText> function_;
  std::vector<i32> scopes_;  ///< braces around the statement, within the function
  u32 depth_ = 0;
  std::string last_label_;
  SourcePlace place_, caller_;
};

}  // namespace

PtxText parse_ptx(std::string_view text, std::string name) {
  return Parser(text, std::move(name)).parse();
}

PtxText read_ptx(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw Fault(fmt::format("{}: cannot be read", path));
  return parse_ptx(text.str(), path);
}

std::string place_in(const PtxText& text, u32 line) {
  return fmt::format("{}:{}", text.name, line);
}

std::vector<std::string> split_operands(std::string_view text) {
  std::vector<std::string> parts;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
    if (c != ',' || (depth > 0 && i < text.size())) continue;
    const std::string_view part = trimmed(text.substr(begin, i - begin));
    if (!part.empty()) parts.emplace_back(part);
    begin = i + 1;
  }
  return parts;
}

}  // namespace oct::simt
