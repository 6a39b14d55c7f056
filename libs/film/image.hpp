#pragma once
#include <cstdint>
#include <vector>

namespace oct {

/// A picture in scene-linear Rec.709, RGB, rows from the top.
struct Image {
  std::uint32_t width = 0, height = 0;
  std::vector<float> rgb;  ///< width x height x 3
};

}  // namespace oct
