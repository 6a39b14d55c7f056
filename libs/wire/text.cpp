#include "wire/text.hpp"

#include <cstdint>

namespace oct {
namespace {

struct CharacterClass {
  std::size_t bytes;  ///< length of the character, 0 = not UTF-8
  bool control;
};

std::size_t length_of(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

/// The character at the front of a non-empty text (Unicode 15, table 3-7).
CharacterClass classify(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = length_of(lead);
  if (bytes == 1) return {1, lead < 0x20 || lead == 0x7f};
  if (bytes == 0 || bytes > text.size()) return {0, false};
  std::uint32_t point = lead & (0x7fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return {0, false};
    point = point << 6 | (next & 0x3fu);
  }
  const bool overlong = (bytes == 3 && point < 0x800) || (bytes == 4 && point < 0x10000);
  const bool surrogate = point >= 0xd800 && point < 0xe000;
  if (overlong || surrogate || point > 0x10ffff) return {0, false};
  return {bytes, point < 0xa0};
}

}  // namespace

bool is_clean_text(std::string_view text) {
  while (!text.empty()) {
    const CharacterClass character = classify(text);
    if (character.bytes == 0 || character.control) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

std::string clean_text(std::string_view text, std::size_t max_bytes) {
  std::string clean;
  while (!text.empty()) {
    const CharacterClass character = classify(text);
    const std::size_t bytes = character.bytes == 0 ? 1 : character.bytes;
    const bool good = character.bytes != 0 && !character.control;
    const std::string_view addition = good ? text.substr(0, bytes) : std::string_view("?");
    if (clean.size() + addition.size() > max_bytes) break;
    clean += addition;
    text.remove_prefix(bytes);
  }
  return clean;
}

}  // namespace oct
