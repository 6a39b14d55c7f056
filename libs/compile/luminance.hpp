#pragma once
#include "math/vec.hpp"

namespace oct {

inline constexpr double kPiDouble = 3.14159265358979323846;

/// Rec.709 relative luminance of linear RGB, in double, where nothing vanishes.
inline double luminance_of(Vec3 rgb) {
  return 0.2126 * static_cast<double>(rgb.x) + 0.7152 * static_cast<double>(rgb.y) +
         0.0722 * static_cast<double>(rgb.z);
}

}  // namespace oct
