#include "wire/text.hpp"

#include "base/escaped.hpp"

namespace oct {

bool is_clean_text(std::string_view text) {
  while (!text.empty()) {
    const Utf8Character character = utf8_character(text);
    if (character.bytes == 0 || character.control) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

std::string clean_text(std::string_view text, std::size_t max_bytes) {
  std::string clean;
  while (!text.empty()) {
    const Utf8Character character = utf8_character(text);
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
