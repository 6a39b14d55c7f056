#include "codec/stb_pictures.hpp"
#include "fuzz/codec_checks.hpp"
#include "fuzz/fuzz_target.hpp"

/// A TGA or BMP file is as many pixels as it says, or an error.
OCT_FUZZ_TARGET(tga_bmp) {
  if (!oct::is_tga(input) && !oct::is_bmp(input)) return;  // as its callers do
  oct::check_decoder(input, oct::probe_tga_or_bmp, oct::decode_tga_or_bmp);
}
