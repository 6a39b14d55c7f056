#include "base/escaped.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace oct {
namespace {

std::size_t length_of(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

std::string escape_of(unsigned char byte) {
  switch (byte) {
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return fmt::format("\\x{:02x}", byte);
  }
}

std::string escape(std::string_view text, bool keep_lines) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const Utf8Character character = utf8_character(text);
    const std::size_t bytes = std::max<std::size_t>(character.bytes, 1);
    const bool shown = character.bytes != 0 && (!character.control || (keep_lines && text[0] == '\n'));
    if (shown) {
      result += text.substr(0, bytes);
    } else {
      for (const char byte : text.substr(0, bytes)) result += escape_of(static_cast<unsigned char>(byte));
    }
    text.remove_prefix(bytes);
  }
  return result;
}

}  // namespace

/// Unicode 15, table 3-7.
Utf8Character utf8_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = length_of(lead);
  if (bytes == 1) return {1, lead < 0x20 || lead == 0x7f};
  if (bytes == 0 || bytes > text.size()) return {};
  std::uint32_t point = lead & (0x7fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return {};
    point = point << 6 | (next & 0x3fu);
  }
  const bool overlong = (bytes == 3 && point < 0x800) || (bytes == 4 && point < 0x10000);
  const bool surrogate = point >= 0xd800 && point < 0xe000;
  if (overlong || surrogate || point > 0x10ffff) return {};
  return {bytes, point < 0xa0};
}

std::string escaped(std::string_view text) {
  return escape(text, false);
}

std::string escaped_lines(std::string_view text) {
  return escape(text, true);
}

}  // namespace oct
