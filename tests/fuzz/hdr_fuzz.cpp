#include "codec/hdr.hpp"
#include "fuzz/codec_checks.hpp"
#include "fuzz/fuzz_target.hpp"

/// A Radiance HDR file is as many pixels as it says, or an error.
OCT_FUZZ_TARGET(hdr) {
  oct::check_decoder(input, oct::probe_hdr, oct::decode_hdr);
}
