#pragma once
#include <cstddef>
#include <string>
#include <string_view>

// What a peer calls itself ends up in logs and terminals: it must not be able to move a cursor or break a
// line.

namespace oct {

/// Whether this is valid UTF-8 (no overlong forms, surrogates, or code points above U+10FFFF) without control
/// characters (U+0000-001F, U+007F-009F).
bool is_clean_text(std::string_view text);

/// The same text with '?' for every byte or control character that is not clean, cut at a character's border
/// to at most max_bytes.
std::string clean_text(std::string_view text, std::size_t max_bytes);

}  // namespace oct
