#include <algorithm>

#include "fuzz/fuzz_target.hpp"
#include "wire/preamble.hpp"
#include "wire/text.hpp"

/// A preamble is refused with a clean sentence, or survives another round.
OCT_FUZZ_TARGET(preamble) {
  const auto preamble = oct::decode_preamble(input);
  (void)oct::answer_to_stranger(input);
  if (!preamble) {
    OCT_CHECK(oct::is_clean_text(preamble.error().message));
    return;
  }
  OCT_CHECK(oct::may_be_preamble(input));
  const auto again = oct::decode_preamble(oct::encode_preamble(*preamble));
  OCT_CHECK(again.has_value() && *again == *preamble);
}
