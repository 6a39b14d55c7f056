#include "fuzz/fuzz_target.hpp"
#include "fuzz/scene_checks.hpp"
#include "scene/import_image.hpp"

/// A picture for materials, of whatever format, is as many pixels as it says, or an error.
OCT_FUZZ_TARGET(image) {
  const auto image = oct::decode_image(input);
  if (image) oct::check_consistent(*image);
}
