#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "data/types.hpp"

namespace oct {

/// A vector where floats would lose too much: places are computed in it and rounded once.
struct Double3 {
  double x, y, z;
};

inline Double3 operator*(Double3 a, double s) {
  return {a.x * s, a.y * s, a.z * s};
}
inline Double3 operator-(Double3 a, Double3 b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
inline double dot(Double3 a, Double3 b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline Double3 cross(Double3 a, Double3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

/// Nothing where it has no direction. Squares neither overflow nor vanish.
inline std::optional<Double3> unit(Double3 v) {
  const double largest = std::max(std::max(std::fabs(v.x), std::fabs(v.y)), std::fabs(v.z));
  if (!(largest > 0) || !std::isfinite(largest)) return std::nullopt;
  const Double3 scaled{v.x / largest, v.y / largest, v.z / largest};
  return scaled * (1 / std::sqrt(dot(scaled, scaled)));
}

inline Double3 doubled(float x, float y, float z) {
  return {static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)};
}
/// What floats cannot hold becomes their largest; NaN stays.
inline Vec3 rounded(Double3 v) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  const auto fitting = [&](double value) {
    return static_cast<float>(std::clamp(value, -kLargest, kLargest));
  };
  return {fitting(v.x), fitting(v.y), fitting(v.z)};
}

}  // namespace oct
