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

template <std::size_t N>
std::array<double, N> values_or(const std::vector<double>& values, const std::array<double, N>& otherwise) {
  std::array<double, N> result = otherwise;
  if (values.size() == N) std::copy(values.begin(), values.end(), result.begin());
  return result;
}

/// An error holds the reason alone.
Result<void> place_node(const tinygltf::Node& source, SceneNode& node) {
  if (!source.matrix.empty()) {
    const Matrix4 matrix{values_or<16>(source.matrix, Matrix4{}.m)};
    const bool affine = matrix.m[3] == 0 && matrix.m[7] == 0 && matrix.m[11] == 0 && matrix.m[15] == 1;
    if (!affine) return fail(ErrorKind::invalid_input, "matrix must end with the row 0 0 0 1");
    node.matrix = matrix;
    return {};
  }
  std::array<double, 4> rotation = values_or<4>(source.rotation, {0, 0, 0, 1});
  if (!make_unit(rotation)) return fail(ErrorKind::invalid_input, "rotation must not be all zeros");
  node.rotation = rotation;
  node.translation = values_or<3>(source.translation, {0, 0, 0});
  node.scale = values_or<3>(source.scale, {1, 1, 1});
  return {};
}

bool is_visible(const tinygltf::Node& node) {
  const auto extension = node.extensions.find("KHR_node_visibility");
  if (extension == node.extensions.end() || !extension->second.Has("visible")) return true;
  return extension->second.Get("visible").Get<bool>();
}

class TreeReader {
 public:
  TreeReader(const tinygltf::Model& model, Scene& scene, ImportLog& log)
      : model_(model), scene_(scene), log_(log) {
    tree_.place_of.resize(model.nodes.size(), kNone);
  }

  /// A stack of our own: hierarchies may be deep.
  void walk(const std::vector<std::size_t>& roots, bool shown) {
    struct Open {
      std::size_t node;
      std::optional<std::size_t> parent;
    };
    std::vector<Open> open;
    for (auto root = roots.rbegin(); root != roots.rend(); ++root) open.push_back({*root, std::nullopt});
    while (!open.empty() && !log_.is_full()) {
      const Open place = open.back();
      open.pop_back();
      if (tree_.place_of[place.node] != kNone) {
        if (shown) log_.fault(node_name(model_, place.node), "is in the scene twice");
        continue;
      }
      const std::size_t added = add(place.node, place.parent, shown);
      const tinygltf::Node& node = model_.nodes[place.node];
      for (auto child = node.children.rbegin(); child != node.children.rend(); ++child)
        open.push_back({static_cast<std::size_t>(*child), added});
    }
  }

  GltfNodeTree take() { return std::move(tree_); }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};

  std::size_t add(std::size_t index, std::optional<std::size_t> parent, bool shown) {
    const tinygltf::Node& source = model_.nodes[index];
    SceneNode node;
    node.name = source.name.empty() ? fmt::format("node {}", index) : source.name;
    node.parent = parent;
    const Result<void> placed = place_node(source, node);
    if (!placed && shown) log_.fault(node_name(model_, index), placed.error().message);
    node.visible = is_visible(source);
    const bool own_weights = !source.weights.empty() || source.mesh < 0;
    node.morph_weights = to_floats(
        own_weights ? source.weights : model_.meshes[static_cast<std::size_t>(source.mesh)].weights);
    if (shown) tree_.shown.push_back(index);
    tree_.place_of[index] = scene_.nodes.size();
    scene_.nodes.push_back(std::move(node));
    return scene_.nodes.size() - 1;
  }

  const tinygltf::Model& model_;
  Scene& scene_;
  ImportLog& log_;
  GltfNodeTree tree_;
};

}  // namespace

GltfNodeTree read_nodes(const tinygltf::Model& model, Scene& scene, ImportLog& log) {
  TreeReader reader(model, scene, log);
  const std::vector<std::size_t> parents = find_parents(model, log);
  if (!log.has_faults()) report_circles(model, parents, log);
  if (log.has_faults()) return {};
  reader.walk(find_roots(model, parents), true);
  std::vector<std::size_t> rest;
  for (std::size_t i = 0; i < parents.size(); ++i) {
    if (parents[i] == kNoParent) rest.push_back(i);
  }
  reader.walk(rest, false);
  return reader.take();
}

}  // namespace oct
