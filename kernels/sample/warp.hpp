#pragma once
#include "math/transcendental.hpp"
#include "math/vec.hpp"

// Maps of the unit square [0, 1)^2 to other shapes, each with its density. They keep area ratios and
// neighbours, so well-distributed points stay well distributed.

namespace oct::inline OCT_ISA {

inline constexpr float kInv4Pi = 0.0795774715f;
inline constexpr float k2Pi = 6.28318531f;

/// u in [0, 1) in steps of 2^-24 -> the centre of its step, in (-1, 1), never zero.
OCT_HD float to_symmetric(float u) {
  return fma(2.0f, u, -0x1.fffffep-1f);
}

/// A point of the unit disk, and its distance from the centre (exact, < 1).
struct DiskPoint {
  float x, y, radius;
};

/// Concentric map (Shirley and Chiu 1997): squares around the centre become circles. Density kInvPi.
OCT_HD DiskPoint warp_disk(Vec2 u) {
  const float a = to_symmetric(u.x), b = to_symmetric(u.y);
  const bool wide = abs(a) > abs(b);
  const float radius = wide ? a : b;  // signed
  const float angle = 0.785398163f * ((wide ? b : a) / radius);
  const float along = radius * cos_reduced(angle), across = radius * sin_reduced(angle);
  return {wide ? along : across, wide ? across : along, abs(radius)};
}

/// Unit direction around +Z with density proportional to its cosine: Malley's method. z > 0.
OCT_HD Vec3 warp_cosine_hemisphere(Vec2 u) {
  const DiskPoint disk = warp_disk(u);
  return {disk.x, disk.y, sqrt((1.0f - disk.radius) * (1.0f + disk.radius))};
}
/// Per steradian, for directions with this z.
OCT_HD float cosine_hemisphere_pdf(float z) {
  return z > 0.0f ? z * kInvPi : 0.0f;
}

/// Unit direction, all equally likely. Density kInv4Pi per steradian.
OCT_HD Vec3 warp_sphere(Vec2 u) {
  const float z = -to_symmetric(u.x);
  const float r = sqrt((1.0f - z) * (1.0f + z));
  const SinCos turn = sincos(k2Pi * u.y);
  return {r * turn.cos, r * turn.sin, z};
}

/// Unit direction within the cone around +Z whose edge has cosine cos_edge in [-1, 1), all equally likely.
OCT_HD Vec3 warp_cone(Vec2 u, float cos_edge) {
  const float drop = u.x * (1.0f - cos_edge);  // 1 - z, exact digits for narrow cones
  const float r = sqrt(drop * (2.0f - drop));
  const SinCos turn = sincos(k2Pi * u.y);
  return {r * turn.cos, r * turn.sin, 1.0f - drop};
}
/// Per steradian, inside the cone.
OCT_HD float cone_pdf(float cos_edge) {
  return rcp(k2Pi * (1.0f - cos_edge));
}

/// Weights of corners 1 and 2 of a triangle, all its points equally likely (Heitz 2019, "A Low-Distortion Map
/// Between Triangle and Square"). Both >= 0, sum <= 1. Density 1 / area.
OCT_HD Vec2 warp_triangle(Vec2 u) {
  const float a = 0.5f * u.x, b = 0.5f * u.y;
  return b > a ? Vec2{a, u.y - a} : Vec2{u.x - b, b};
}

}  // namespace oct::inline OCT_ISA
