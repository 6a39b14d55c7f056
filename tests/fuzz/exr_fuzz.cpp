#include "codec/exr.hpp"
#include "fuzz/codec_checks.hpp"
#include "fuzz/fuzz_target.hpp"

/// An OpenEXR file is as many pixels as it says, or an error.
OCT_FUZZ_TARGET(exr) {
  oct::check_decoder(input, oct::probe_exr, oct::decode_exr);
}
