#include "codec/png.hpp"
#include "fuzz/codec_checks.hpp"
#include "fuzz/fuzz_target.hpp"

/// A PNG file is as many pixels as it says, or an error.
OCT_FUZZ_TARGET(png) {
  oct::check_decoder(input, oct::probe_png, oct::decode_png);
}
