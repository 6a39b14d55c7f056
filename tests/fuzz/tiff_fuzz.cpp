#include "codec/tiff.hpp"
#include "fuzz/codec_checks.hpp"
#include "fuzz/fuzz_target.hpp"

/// A TIFF file is as many pixels as it says, or an error.
OCT_FUZZ_TARGET(tiff) {
  oct::check_decoder(input, oct::probe_tiff, oct::decode_tiff);
}
