#include "security/key_text.hpp"

#include "fuzz/fuzz_target.hpp"

/// What is taken for a farm key has one text, and gives that key again; of anything else not a symbol is
/// repeated.
OCT_FUZZ_TARGET(key_text) {
  const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  const auto key = oct::parse_key_text(text);
  if (!key) {
    OCT_CHECK(text.size() < 8 || key.error().message.find(text) == std::string::npos);
    return;
  }
  const std::string canonical = oct::key_text(*key);
  const auto again = oct::parse_key_text(canonical);
  OCT_CHECK(again.has_value() && *again == *key);
  OCT_CHECK(oct::key_text(*again) == canonical);
}
