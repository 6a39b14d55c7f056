#pragma once
#include <array>

#include "data/types.hpp"

namespace oct {

/// A matrix as glTF writes it, column by column: m[4 * column + row]. Products are summed in double, from the
/// first column on, so that every machine gets the same bits.
struct Matrix4 {
  std::array<double, 16> m{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
};

Matrix4 operator*(const Matrix4& a, const Matrix4& b);

/// T * R * S; the rotation is a unit quaternion x, y, z, w.
Matrix4 matrix_of_trs(const std::array<double, 3>& translation, const std::array<double, 4>& rotation,
                      const std::array<double, 3>& scale);

Matrix4 matrix_of(const Transform& transform);
Matrix4 translation(const std::array<double, 3>& by);

/// matrix * p
std::array<double, 3> transform_point(const Matrix4& matrix, const std::array<double, 3>& p);

/// The three upper rows of four.
std::array<double, 12> rows_of(const Matrix4& matrix);

/// Of length 1, whatever its length was; nothing where it has none (zeros, not finite).
bool make_unit(std::array<double, 4>& quaternion);

}  // namespace oct
