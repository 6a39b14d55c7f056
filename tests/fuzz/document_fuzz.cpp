#include <nlohmann/json.hpp>

#include "fuzz/fuzz_target.hpp"
#include "wire/document.hpp"

/// What the walk lets pass, the recursive parser reads without an exception.
OCT_FUZZ_TARGET(document) {
  if (!oct::check_document(input)) return;
  const auto* begin = reinterpret_cast<const std::uint8_t*>(input.data());
  const auto parsed = nlohmann::ordered_json::from_cbor(begin, begin + input.size(), true, false);
  OCT_CHECK(parsed.is_discarded() || parsed.size() <= input.size());
}
