#include "scene/gltf_nodes.hpp"

#include <fmt/format.h>

#include <cmath>

namespace oct {
namespace {

constexpr std::size_t kNoParent = ~std::size_t{0};

std::string node_name(const tinygltf::Model& model, std::size_t index) {
  return element_name("node", index, model.nodes[index].name);
}

/// Parent of each node; reports those with several.
std::vector<std::size_t> find_parents(const tinygltf::Model& model, ImportLog& log) {
  std::vector<std::size_t> parents(model.nodes.size(), kNoParent);
  for (std::size_t i = 0; i < model.nodes.size(); ++i) {
    for (const int child : model.nodes[i].children) {
      std::size_t& parent = parents[static_cast<std::size_t>(child)];
      if (parent != kNoParent) {
        log.fault(node_name(model, static_cast<std::size_t>(child)),
                  fmt::format("is a child of node {} and of node {}", parent, i));
      }
      parent = i;
    }
  }
  return parents;
}

/// The nodes where a walk begins.
std::vector<std::size_t> find_roots(const tinygltf::Model& model, const std::vector<std::size_t>& parents) {
  std::vector<std::size_t> roots;
  if (!model.scenes.empty()) {
    const auto shown = static_cast<std::size_t>(std::max(model.defaultScene, 0));
    for (const int node : model.scenes[shown].nodes) roots.push_back(static_cast<std::size_t>(node));
    return roots;
  }
  for (std::size_t i = 0; i < parents.size(); ++i) {
    if (parents[i] == kNoParent) roots.push_back(i);
  }
  return roots;
}

/// With one parent each, the nodes that no walk from a root reaches are the circles.
void report_circles(const tinygltf::Model& model, const std::vector<std::size_t>& parents, ImportLog& log) {
  std::vector<bool> reached(parents.size());
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < parents.size(); ++i) {
    if (parents[i] == kNoParent) open.push_back(i);
  }
  while (!open.empty()) {
    const std::size_t node = open.back();
    open.pop_back();
    reached[node] = true;
    for (const int child : model.nodes[node].children) open.push_back(static_cast<std::size_t>(child));
  }
  for (std::size_t i = 0; i < parents.size(); ++i) {
    if (!reached[i]) log.fault(node_name(model, i), "is its own ancestor");
  }
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

template <std::size_t N>
std::array<double, N> values_or(const std::vector<double>& values, const std::array<double, N>& otherwise) {
  std::array<double, N> result = otherwise;
  if (values.size() == N) std::copy(values.begin(), values.end(), result.begin());
  return result;
}

/// KHR_node_visibility; a node that is hidden hides what hangs on it.
bool is_hidden(const tinygltf::Node& node) {
  const auto extension = node.extensions.find("KHR_node_visibility");
  if (extension == node.extensions.end() || !extension->second.Has("visible")) return false;
  const tinygltf::Value& visible = extension->second.Get("visible");
  return visible.IsBool() && !visible.Get<bool>();
}

}  // namespace

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

Result<Matrix4> local_matrix(const tinygltf::Node& node) {
  if (!node.matrix.empty()) {
    Matrix4 matrix{values_or<16>(node.matrix, Matrix4{}.m)};
    const bool affine = matrix.m[3] == 0 && matrix.m[7] == 0 && matrix.m[11] == 0 && matrix.m[15] == 1;
    if (!affine) return fail(ErrorKind::invalid_input, "matrix must end with the row 0 0 0 1");
    return matrix;
  }
  std::array<double, 4> rotation = values_or<4>(node.rotation, {0, 0, 0, 1});
  const double length = std::sqrt(rotation[0] * rotation[0] + rotation[1] * rotation[1] +
                                  rotation[2] * rotation[2] + rotation[3] * rotation[3]);
  if (!(length > 0)) return fail(ErrorKind::invalid_input, "rotation must not be all zeros");
  for (double& value : rotation) value /= length;
  return matrix_of_trs(values_or<3>(node.translation, {0, 0, 0}), rotation,
                       values_or<3>(node.scale, {1, 1, 1}));
}

void visit_nodes(const tinygltf::Model& model, ImportLog& log,
                 const std::function<void(std::size_t, const Matrix4&)>& visit) {
  const std::vector<std::size_t> parents = find_parents(model, log);
  if (log.has_faults()) return;
  report_circles(model, parents, log);
  if (log.has_faults()) return;

  struct Place {
    std::size_t node;
    Matrix4 world_from_parent;
  };
  std::vector<bool> visited(model.nodes.size());
  std::vector<Place> open;  // a stack of our own: hierarchies may be deep
  const std::vector<std::size_t> roots = find_roots(model, parents);
  for (auto root = roots.rbegin(); root != roots.rend(); ++root) open.push_back({*root, {}});
  while (!open.empty() && !log.is_full()) {
    const Place place = open.back();
    open.pop_back();
    if (visited[place.node]) {
      log.fault(node_name(model, place.node), "is in the scene twice");
      continue;
    }
    visited[place.node] = true;
    const tinygltf::Node& node = model.nodes[place.node];
    if (is_hidden(node)) continue;
    const Result<Matrix4> local = local_matrix(node);
    if (!local) {
      log.fault(node_name(model, place.node), local.error().message);
      continue;
    }
    const Matrix4 world = place.world_from_parent * *local;
    visit(place.node, world);
    for (auto child = node.children.rbegin(); child != node.children.rend(); ++child) {
      open.push_back({static_cast<std::size_t>(*child), world});
    }
  }
}

}  // namespace oct
