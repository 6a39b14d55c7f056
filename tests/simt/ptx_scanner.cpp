#include "simt/ptx_scanner.hpp"

#include <algorithm>
#include <array>

namespace oct::simt {
namespace {

constexpr std::array<std::string_view, 5> kLineDirectives = {".loc", ".file", ".version", ".target",
                                                             ".address_size"};

/// Whether a brace after this text opens a body: after nothing, or after the head of a function.
bool opens_body(std::string_view before) {
  return before.empty() || before.find(".entry") != std::string_view::npos ||
         before.find(".func") != std::string_view::npos;
}

/// A name may hold letters, digits, _, $ and, in front, %.
bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
  });
}

}  // namespace

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

void Scanner::advance(std::size_t count) {
  line_ += static_cast<u32>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                       text_.begin() + static_cast<std::ptrdiff_t>(at_ + count), '\n'));
  at_ += count;
}

bool Scanner::skip_comment() {
  const std::string_view rest = text_.substr(at_);
  const bool to_line_end = rest.starts_with("//");
  if (!to_line_end && !rest.starts_with("/*")) return false;
  const std::size_t end = to_line_end ? rest.find('\n') : rest.find("*/");
  advance(end == std::string_view::npos ? rest.size() : end + (to_line_end ? 0 : 2));
  return true;
}

bool Scanner::skip_section() {
  const std::string_view rest = text_.substr(at_);
  if (!rest.starts_with(".section")) return false;
  const std::size_t end = rest.find('}');
  advance(end == std::string_view::npos ? rest.size() : end + 1);
  return true;
}

void Scanner::skip_blanks() {
  while (at_ < text_.size()) {
    if (is_blank(text_[at_])) {
      advance(1);
    } else if (!skip_comment() && !skip_section()) {
      return;
    }
  }
}

Piece Scanner::until_end_of_line() {
  const std::string_view rest = text_.substr(at_);
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const Piece piece{PieceEnd::line, trimmed(rest.substr(0, end)), line_};
  advance(end);
  return piece;
}

Piece Scanner::until_end() {
  const u32 first_line = line_;
  const std::size_t begin = at_;
  const auto piece = [&](PieceEnd end) {
    const std::string_view text = trimmed(text_.substr(begin, at_ - begin));
    advance(1);
    return Piece{end, text, first_line};
  };
  int depth = 0;
  bool quoted = false;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') quoted = !quoted;
    if (!quoted) {
      const auto before = [&] { return trimmed(text_.substr(begin, at_ - begin)); };
      if (c == ';') return piece(PieceEnd::semicolon);
      if (c == ':' && is_name(before())) return piece(PieceEnd::label);
      if (c == '{' && opens_body(before())) return piece(PieceEnd::open);
      if (c == '}' && depth == 0) return piece(PieceEnd::close);
      if (c == '{') ++depth;
      if (c == '}') --depth;
    }
    advance(1);
  }
  return {PieceEnd::semicolon, trimmed(text_.substr(begin)), first_line};
}

std::optional<Piece> Scanner::next() {
  skip_blanks();
  if (at_ >= text_.size()) return std::nullopt;
  for (const std::string_view directive : kLineDirectives) {
    const std::string_view rest = text_.substr(at_);
    const bool is_longer =
        rest.size() > directive.size() && !is_blank(rest[directive.size()]);  // .local is not .loc
    if (rest.starts_with(directive) && !is_longer) return until_end_of_line();
  }
  return until_end();
}

}  // namespace oct::simt
