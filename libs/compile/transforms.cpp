#include "compile/transforms.hpp"

#include "math/vec.hpp"

namespace oct {
namespace {

struct Double3 {
  double x, y, z;
};

Double3 cross(const Double3& a, const Double3& b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
double dot(const Double3& a, const Double3& b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

Double3 column(const Transform& transform, int index) {
  return {transform.m[index], transform.m[4 + index], transform.m[8 + index]};
}

/// Zero for zero and for what overflows.
Double3 unit(const Double3& v) {
  const double length = square_root(dot(v, v));
  return length > 0 && length < 1e300 ? Double3{v.x / length, v.y / length, v.z / length} : Double3{0, 0, 0};
}

Vec3 rounded(const Double3& v) {
  return {static_cast<float>(v.x), static_cast<float>(v.y), static_cast<float>(v.z)};
}

}  // namespace

double square_root(double x) {
  return __builtin_sqrt(x);
}

std::optional<Transform> inverse(const Transform& transform) {
  const Double3 a = column(transform, 0);
  const Double3 b = column(transform, 1);
  const Double3 c = column(transform, 2);
  const Double3 t = column(transform, 3);
  const Double3 rows[3] = {cross(b, c), cross(c, a), cross(a, b)};
  const double determinant = dot(a, rows[0]);
  const double volume = square_root(dot(a, a)) * square_root(dot(b, b)) * square_root(dot(c, c));
  if (!((determinant < 0 ? -determinant : determinant) > 1e-7 * volume)) return std::nullopt;

  Transform result{};
  for (int i = 0; i < 3; ++i) {
    const double entries[4] = {rows[i].x / determinant, rows[i].y / determinant, rows[i].z / determinant,
                               (0.0 - dot(rows[i], t)) / determinant};
    for (int j = 0; j < 4; ++j) {
      if (!(entries[j] >= -kLargestCoordinate && entries[j] <= kLargestCoordinate)) return std::nullopt;
      result.m[4 * i + j] = static_cast<float>(entries[j]);
    }
  }
  return result;
}

bool is_finite(const Transform& transform) {
  for (const float entry : transform.m) {
    if (!is_finite(entry)) return false;
  }
  return true;
}

bool mirrors(const Transform& transform) {
  return dot(column(transform, 0), cross(column(transform, 1), column(transform, 2))) < 0;
}

Vec3 carry_normal(const Transform& transform, Vec3 normal) {
  const Double3 a = column(transform, 0);
  const Double3 b = column(transform, 1);
  const Double3 c = column(transform, 2);
  const Double3 bc = cross(b, c);
  const Double3 ca = cross(c, a);
  const Double3 ab = cross(a, b);
  return rounded(unit({bc.x * normal.x + ca.x * normal.y + ab.x * normal.z,
                       bc.y * normal.x + ca.y * normal.y + ab.y * normal.z,
                       bc.z * normal.x + ca.z * normal.y + ab.z * normal.z}));
}

std::optional<Transform> rigid_part(const Transform& transform) {
  const Double3 z = unit(column(transform, 2));
  const Double3 up = unit(column(transform, 1));
  const Double3 x = unit(cross(up, z));
  if (!(dot(z, z) > 0.5) || !(dot(x, x) > 0.5)) return std::nullopt;
  const Double3 y = cross(z, x);
  const Vec3 right = rounded(x);
  const Vec3 above = rounded(y);
  const Vec3 back = rounded(z);
  const float* m = transform.m;
  return Transform{
      {right.x, above.x, back.x, m[3], right.y, above.y, back.y, m[7], right.z, above.z, back.z, m[11]}};
}

Vec3 unit_vector(Vec3 v) {
  return rounded(unit({v.x, v.y, v.z}));
}

}  // namespace oct
