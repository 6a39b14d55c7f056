#include "scene/matrix4.hpp"

#include <algorithm>
#include <cmath>

namespace oct {

Matrix4 operator*(const Matrix4& a, const Matrix4& b) {
  Matrix4 product;
  for (std::size_t column = 0; column < 4; ++column) {
    for (std::size_t row = 0; row < 4; ++row) {
      double sum = 0;
      for (std::size_t k = 0; k < 4; ++k) sum += a.m[4 * k + row] * b.m[4 * column + k];
      product.m[4 * column + row] = sum;
    }
  }
  return product;
}

Matrix4 matrix_of_trs(const std::array<double, 3>& t, const std::array<double, 4>& q,
                      const std::array<double, 3>& s) {
  const auto [x, y, z, w] = q;
  const std::array<double, 9> r{1 - 2 * (y * y + z * z), 2 * (x * y + z * w),     2 * (x * z - y * w),
                                2 * (x * y - z * w),     1 - 2 * (x * x + z * z), 2 * (y * z + x * w),
                                2 * (x * z + y * w),     2 * (y * z - x * w),     1 - 2 * (x * x + y * y)};
  Matrix4 matrix;
  for (std::size_t column = 0; column < 3; ++column) {
    for (std::size_t row = 0; row < 3; ++row) matrix.m[4 * column + row] = r[3 * column + row] * s[column];
    matrix.m[12 + column] = t[column];
  }
  return matrix;
}

Matrix4 matrix_of(const Transform& transform) {
  Matrix4 matrix;
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 4; ++column)
      matrix.m[4 * column + row] = static_cast<double>(transform.m[4 * row + column]);
  }
  return matrix;
}

Matrix4 translation(const std::array<double, 3>& by) {
  Matrix4 matrix;
  std::copy(by.begin(), by.end(), matrix.m.begin() + 12);
  return matrix;
}

std::array<double, 3> transform_point(const Matrix4& matrix, const std::array<double, 3>& p) {
  const auto& m = matrix.m;
  const auto row = [&](std::size_t i) { return m[i] * p[0] + m[4 + i] * p[1] + m[8 + i] * p[2] + m[12 + i]; };
  return {row(0), row(1), row(2)};
}

std::array<double, 12> rows_of(const Matrix4& matrix) {
  std::array<double, 12> rows{};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 4; ++column) rows[4 * row + column] = matrix.m[4 * column + row];
  }
  return rows;
}

bool make_unit(std::array<double, 4>& q) {
  const double length = std::sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  if (!(length > 0) || !std::isfinite(length)) return false;
  for (double& value : q) value /= length;
  return true;
}

}  // namespace oct
