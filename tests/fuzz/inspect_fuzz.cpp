#include "film/picture_file.hpp"
#include "fuzz/fuzz_target.hpp"
#include "wire/text.hpp"

/// Whatever a file is, `inspect` has texts that may be shown in a terminal, or an error.
OCT_FUZZ_TARGET(inspect) {
  const auto texts = oct::inspect_picture(input);
  if (!texts) return;
  OCT_CHECK(!texts->empty() && texts->front().first == "size");
  for (const auto& [key, value] : *texts) OCT_CHECK(oct::is_clean_text(key) && oct::is_clean_text(value));
}
