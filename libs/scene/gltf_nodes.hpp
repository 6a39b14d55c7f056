#pragma once
#include <array>
#include <functional>
#include <vector>

#include "scene/gltf_model.hpp"
#include "scene/import_log.hpp"

namespace oct {

/// A matrix as glTF writes it, column by column: m[4 * column + row]. Products are summed in double, from the
/// first column on, so that every machine gets the same bits.
struct Matrix4 {
  std::array<double, 16> m{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
};

Matrix4 operator*(const Matrix4& a, const Matrix4& b);

/// The node's own matrix, or T * R * S. An error holds the reason alone.
Result<Matrix4> local_matrix(const tinygltf::Node& node);

/// Calls visit(node index, world from node) for each node of the scene that the file shows by default (else
/// of its first one, else of all), parents first, children in order. Reports nodes with several parents or
/// none but themselves, before visiting any.
void visit_nodes(const tinygltf::Model& model, ImportLog& log,
                 const std::function<void(std::size_t, const Matrix4&)>& visit);

}  // namespace oct
