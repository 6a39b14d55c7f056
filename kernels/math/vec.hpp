#pragma once
#include "math/scalar.hpp"

namespace oct::inline OCT_ISA {

OCT_HD_INLINE Vec2 operator+(Vec2 a, Vec2 b) {
  return {a.x + b.x, a.y + b.y};
}
OCT_HD_INLINE Vec2 operator-(Vec2 a, Vec2 b) {
  return {a.x - b.x, a.y - b.y};
}
OCT_HD_INLINE Vec2 operator*(Vec2 a, float s) {
  return {a.x * s, a.y * s};
}

OCT_HD_INLINE Vec3 splat(float x) {
  return {x, x, x};
}
OCT_HD_INLINE Vec3 operator+(Vec3 a, Vec3 b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
OCT_HD_INLINE Vec3 operator-(Vec3 a, Vec3 b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
OCT_HD_INLINE Vec3 operator-(Vec3 a) {
  return {-a.x, -a.y, -a.z};
}
OCT_HD_INLINE Vec3 operator*(Vec3 a, Vec3 b) {
  return {a.x * b.x, a.y * b.y, a.z * b.z};
}
OCT_HD_INLINE Vec3 operator*(Vec3 a, float s) {
  return {a.x * s, a.y * s, a.z * s};
}
OCT_HD_INLINE Vec3 operator*(float s, Vec3 a) {
  return a * s;
}
OCT_HD_INLINE Vec3 operator/(Vec3 a, float s) {
  return {a.x / s, a.y / s, a.z / s};
}
OCT_HD_INLINE Vec3& operator+=(Vec3& a, Vec3 b) {
  return a = a + b;
}
OCT_HD_INLINE Vec3& operator*=(Vec3& a, Vec3 b) {
  return a = a * b;
}
OCT_HD_INLINE Vec3& operator*=(Vec3& a, float s) {
  return a = a * s;
}

/// Summed from x to z, each step fused.
OCT_HD_INLINE float dot(Vec3 a, Vec3 b) {
  return fma(a.z, b.z, fma(a.y, b.y, a.x * b.x));
}
OCT_HD_INLINE Vec3 cross(Vec3 a, Vec3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
OCT_HD_INLINE float length_squared(Vec3 a) {
  return dot(a, a);
}
OCT_HD_INLINE float length(Vec3 a) {
  return sqrt(dot(a, a));
}
/// The zero vector stays zero.
OCT_HD_INLINE Vec3 normalize(Vec3 a) {
  const float squared = dot(a, a);
  return squared > 0.0f ? a / sqrt(squared) : a;
}

/// a + b * s, each step fused.
OCT_HD_INLINE Vec3 fma(Vec3 b, float s, Vec3 a) {
  return {fma(b.x, s, a.x), fma(b.y, s, a.y), fma(b.z, s, a.z)};
}
OCT_HD_INLINE Vec3 lerp(Vec3 a, Vec3 b, float t) {
  return a + (b - a) * t;
}
OCT_HD_INLINE Vec3 min(Vec3 a, Vec3 b) {
  return {min(a.x, b.x), min(a.y, b.y), min(a.z, b.z)};
}
OCT_HD_INLINE Vec3 max(Vec3 a, Vec3 b) {
  return {max(a.x, b.x), max(a.y, b.y), max(a.z, b.z)};
}
OCT_HD_INLINE Vec3 abs(Vec3 a) {
  return {abs(a.x), abs(a.y), abs(a.z)};
}
OCT_HD_INLINE float max_component(Vec3 a) {
  return max(max(a.x, a.y), a.z);
}
OCT_HD_INLINE bool is_finite(Vec3 a) {
  return is_finite(a.x) && is_finite(a.y) && is_finite(a.z);
}
OCT_HD_INLINE bool is_black(Vec3 a) {
  return a.x == 0.0f && a.y == 0.0f && a.z == 0.0f;
}
/// Rec.709 relative luminance of linear RGB.
OCT_HD_INLINE float luminance(Vec3 rgb) {
  return 0.2126f * rgb.x + 0.7152f * rgb.y + 0.0722f * rgb.z;
}

/// Orthonormal basis around unit n without branches on near-zero (Duff et al., JCGT 2017).
struct Basis {
  Vec3 tangent, bitangent, normal;
};
OCT_HD_INLINE Basis basis_around(Vec3 n) {
  const float sign = copysign(1.0f, n.z);
  const float a = -1.0f / (sign + n.z);
  const float b = n.x * n.y * a;
  return {{1.0f + sign * n.x * n.x * a, sign * b, -sign * n.x}, {b, sign + n.y * n.y * a, -n.y}, n};
}
OCT_HD_INLINE Vec3 to_world(const Basis& basis, Vec3 v) {
  return basis.tangent * v.x + basis.bitangent * v.y + basis.normal * v.z;
}
OCT_HD_INLINE Vec3 to_local(const Basis& basis, Vec3 v) {
  return {dot(v, basis.tangent), dot(v, basis.bitangent), dot(v, basis.normal)};
}

}  // namespace oct::inline OCT_ISA
