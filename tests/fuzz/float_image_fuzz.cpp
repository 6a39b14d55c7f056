#include "fuzz/fuzz_target.hpp"
#include "fuzz/scene_checks.hpp"
#include "scene/import_image.hpp"

/// An HDR or EXR file is as many pixels as it says, none of them negative, infinite or no number, or an
/// error.
OCT_FUZZ_TARGET(float_image) {
  const auto image = oct::decode_float_image(input);
  if (!image) return;
  oct::check_consistent(*image);
  for (const float value : image->rgb_float) OCT_CHECK(value >= 0.0f && value <= 1e12f);
}
