#include "security/key_text.hpp"

#include <algorithm>
#include <array>

#include "fuzz/fuzz_target.hpp"

namespace {

/// What is said of a text that is no key, with # for each number.
std::string fault_of(std::string_view text) {
  const std::string message = oct::parse_key_text(text).error().message;
  std::string fault;
  for (const char c : message) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit) fault += c;
    if (digit && !fault.ends_with('#')) fault += '#';
  }
  return fault;
}

/// The same words whatever was typed.
bool is_known(const std::string& fault) {
  const std::array known = {fault_of("x"), fault_of("OCT1-?"), fault_of("OCT1-0"),
                            fault_of("OCT1-00000-00000-00000-00000-00000-00001")};
  return std::find(known.begin(), known.end(), fault) != known.end();
}

}  // namespace

/// What is taken for a farm key has one text, and gives that key again; of anything else not a symbol is
/// repeated.
OCT_FUZZ_TARGET(key_text) {
  const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  const auto key = oct::parse_key_text(text);
  if (!key) {
    OCT_CHECK(is_known(fault_of(text)));
    return;
  }
  const std::string canonical = oct::key_text(*key);
  const auto again = oct::parse_key_text(canonical);
  OCT_CHECK(again.has_value() && *again == *key);
  OCT_CHECK(oct::key_text(*again) == canonical);
}
