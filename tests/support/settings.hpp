#pragma once
#include "data/types.hpp"

namespace oct::test {

/// Settings of a small film that pass check_settings.
inline RenderSettings some_settings(u32 width = 40, u32 height = 24, u32 samples = 16) {
  RenderSettings settings{};
  settings.width = width;
  settings.height = height;
  settings.samples_per_pixel = samples;
  settings.max_depth = 8;
  settings.quantum_log2 = -24;
  settings.contribution_limit = 32768;
  settings.indirect_limit = 32768;
  settings.frame = 1;
  return settings;
}

}  // namespace oct::test
