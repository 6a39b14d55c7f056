#include "simt/ptx_number.hpp"

#include <charconv>

namespace oct::simt {
namespace {

std::optional<u64> digits(std::string_view text, int base) {
  u64 value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<u64> number_in(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.ends_with('U')) text.remove_suffix(1);
  std::optional<u64> value;
  if (text.size() > 2 && text[0] == '0') {
    const char kind = text[1];
    const bool is_float = (kind == 'f' || kind == 'F') && text.size() == 10;
    const bool is_double = (kind == 'd' || kind == 'D') && text.size() == 18;
    if (is_float || is_double || kind == 'x' || kind == 'X') value = digits(text.substr(2), 16);
  }
  if (!value) value = digits(text, 10);
  if (value && negative) value = ~*value + 1;
  return value;
}

}  // namespace oct::simt
