#pragma once
#include <string>
#include <string_view>

namespace oct {

/// The text as one line that no terminal takes for a command: control characters (U+0000-001F, U+007F-009F)
/// and bytes that are not UTF-8 become `\n`, `\t`, `\x1b` and the like. For names of files, and whatever else
/// comes from outside. A backslash stays as it is, since paths of Windows are full of them.
std::string escaped(std::string_view text);

/// The same, but for line feeds: for text that has lines of its own.
std::string escaped_lines(std::string_view text);

struct Utf8Character {
  std::size_t bytes = 0;  ///< 0 = not UTF-8 (overlong forms, surrogates, beyond U+10FFFF)
  bool control = false;
};

/// The character at the front of a text that is not empty.
Utf8Character utf8_character(std::string_view text);

}  // namespace oct
