#pragma once
#include <optional>
#include <string_view>

#include "data/types.hpp"

namespace oct::simt {

/// What ended a piece of PTX.
enum class PieceEnd { semicolon, open, close, label, line };

struct Piece {
  PieceEnd end;
  std::string_view text;  ///< without what ended it and blanks around it
  u32 line;               ///< of its first character, from 1
};

/// Cuts PTX into pieces: statements, labels, braces of bodies (those of vectors and initial values stay in their
/// statement), and directives that end with their line. Comments and debug sections are skipped. The text must outlive
/// it.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::optional<Piece> next();
  u32 line() const { return line_; }

 private:
  void skip_blanks();
  bool skip_comment();
  bool skip_section();
  Piece until_end_of_line();
  Piece until_end();
  void advance(std::size_t count);

  std::string_view text_;
  std::size_t at_ = 0;
  u32 line_ = 1;
};

bool is_blank(char c);
std::string_view trimmed(std::string_view text);

}  // namespace oct::simt
