#include "codec/jpeg.hpp"
#include "fuzz/codec_checks.hpp"
#include "fuzz/fuzz_target.hpp"

/// A JPEG file is as many pixels as it says, or an error.
OCT_FUZZ_TARGET(jpeg) {
  oct::check_decoder(input, oct::probe_jpeg, oct::decode_jpeg);
}
