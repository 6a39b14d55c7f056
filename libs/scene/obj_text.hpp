#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

// Lines and words of OBJ and MTL files. Numbers are read by std::from_chars: rounded alike everywhere,
// whatever the locale.

namespace oct {

/// Hands out lines one by one, joined where a backslash ends them, without comment and surrounding blanks.
class ObjLines {
 public:
  explicit ObjLines(ByteView file);

  /// The next line that is not empty; nullopt at the end. The view lives until the next call.
  std::optional<std::string_view> next();
  /// Of the line last handed out, counted from 1.
  std::size_t number() const { return number_; }

 private:
  std::string_view rest_;
  char line_end_ = '\n';
  std::string joined_;
  std::size_t number_ = 0;
  std::size_t next_number_ = 1;
};

/// Takes the first word from `line`, and the blanks around it; empty at the end.
std::string_view take_word(std::string_view& line);

/// A name without the quotes that some writers put around it.
std::string_view without_quotes(std::string_view name);

/// The numbers on the rest of a line, at most `most`, none too large for a float; nullopt when a word is no number.
std::optional<std::vector<float>> take_floats(std::string_view line, std::size_t most);
std::optional<std::vector<double>> take_doubles(std::string_view line, std::size_t most);

/// The whole word as a finite float.
std::optional<float> float_of(std::string_view word);

/// The whole word as a number of 64 bits.
std::optional<long long> integer_of(std::string_view word);

}  // namespace oct
