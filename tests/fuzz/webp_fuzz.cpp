#include "codec/webp.hpp"
#include "fuzz/codec_checks.hpp"
#include "fuzz/fuzz_target.hpp"

/// A WebP file is as many pixels as it says, or an error.
OCT_FUZZ_TARGET(webp) {
  oct::check_decoder(input, oct::probe_webp, oct::decode_webp);
}
