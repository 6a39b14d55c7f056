#include "scene/gltf_nodes.hpp"

#include <fmt/format.h>

#include <cmath>

namespace oct {
namespace {

constexpr std::size_t kNoParent = ~std::size_t{0};

std::string node_name(const Json& nodes, std::size_t index) {
  return element_name("node", index, text_in(nodes[index], "name"));
}

std::vector<std::size_t> indices_in(const Json& object, const char* name) {
  std::vector<std::size_t> indices;
  for (const Json& index : array_in(object, name))
    indices.push_back(static_cast<std::size_t>(index.get<double>()));
  return indices;
}

/// Parent of each node; reports those with several.
std::vector<std::size_t> find_parents(const Json& nodes, ImportLog& log) {
  std::vector<std::size_t> parents(nodes.size(), kNoParent);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const std::size_t child : indices_in(nodes[i], "children")) {
      std::size_t& parent = parents[child];
      if (parent != kNoParent)
        log.fault(node_name(nodes, child), fmt::format("is a child of node {} and of node {}", parent, i));
      parent = i;
    }
  }
  return parents;
}

/// The nodes where a walk begins.
std::vector<std::size_t> find_roots(const Json& document, const std::vector<std::size_t>& parents) {
  const Json& scenes = array_in(document, "scenes");
  if (!scenes.empty()) return indices_in(scenes[whole_or(document, "scene", 0)], "nodes");
  std::vector<std::size_t> roots;
  for (std::size_t i = 0; i < parents.size(); ++i) {
    if (parents[i] == kNoParent) roots.push_back(i);
  }
  return roots;
}

/// With one parent each, the nodes that no walk from a root reaches are the circles.
void report_circles(const Json& nodes, const std::vector<std::size_t>& parents, ImportLog& log) {
  std::vector<bool> reached(parents.size());
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < parents.size(); ++i) {
    if (parents[i] == kNoParent) open.push_back(i);
  }
  while (!open.empty()) {
    const std::size_t node = open.back();
    open.pop_back();
    reached[node] = true;
    for (const std::size_t child : indices_in(nodes[node], "children")) open.push_back(child);
  }
  for (std::size_t i = 0; i < parents.size(); ++i) {
    if (!reached[i]) log.fault(node_name(nodes, i), "is its own ancestor");
  }
}

/// Products of 32-bit matrices come out a little beside 0 0 0 1 in their last row, which then counts as that.
/// An error holds the reason alone.
Result<void> place_by_matrix(const Json& source, SceneNode& node) {
  constexpr double kRounding = 1e-5;
  Matrix4 matrix{numbers_or<16>(source, "matrix", Matrix4{}.m)};
  for (const std::size_t i : {3u, 7u, 11u, 15u}) {
    const double right = i == 15 ? 1 : 0;
    if (!(std::fabs(matrix.m[i] - right) <= kRounding))
      return fail(ErrorKind::invalid_input, "matrix must end with the row 0 0 0 1");
    matrix.m[i] = right;
  }
  node.matrix = matrix;
  return {};
}

/// An error holds the reason alone.
Result<void> place_node(const Json& source, const std::string& element, SceneNode& node, ImportLog& log) {
  if (find_member(source, "matrix") != nullptr) return place_by_matrix(source, node);
  std::array<double, 4> rotation = numbers_or<4>(source, "rotation", {0, 0, 0, 1});
  if (!make_unit(rotation)) {
    rotation = {0, 0, 0, 1};
    log.mend(element, "rotation is all zeros, which is none; it is left out");
  }
  node.rotation = rotation;
  node.translation = numbers_or<3>(source, "translation", {0, 0, 0});
  node.scale = numbers_or<3>(source, "scale", {1, 1, 1});
  return {};
}

bool is_visible(const Json& node) {
  const Json* extension = find_extension(node, "KHR_node_visibility");
  return extension == nullptr || flag_or(*extension, "visible", true);
}

class TreeReader {
 public:
  TreeReader(const Json& document, Scene& scene, ImportLog& log)
      : nodes_(array_in(document, "nodes")), meshes_(array_in(document, "meshes")), scene_(scene), log_(log) {
    tree_.place_of.resize(nodes_.size(), kNone);
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
        if (shown) log_.fault(node_name(nodes_, place.node), "is in the scene twice");
        continue;
      }
      const std::size_t added = add(place.node, place.parent, shown);
      const std::vector<std::size_t> children = indices_in(nodes_[place.node], "children");
      for (auto child = children.rbegin(); child != children.rend(); ++child) open.push_back({*child, added});
    }
  }

  GltfNodeTree take() { return std::move(tree_); }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};

  std::size_t add(std::size_t index, std::optional<std::size_t> parent, bool shown) {
    const Json& source = nodes_[index];
    SceneNode node;
    node.name = text_in(source, "name");
    if (node.name.empty()) node.name = fmt::format("node {}", index);
    node.parent = parent;
    ImportLog unheard("");
    const Result<void> placed = place_node(source, node_name(nodes_, index), node, shown ? log_ : unheard);
    if (!placed && shown) log_.fault(node_name(nodes_, index), placed.error().message);
    node.visible = is_visible(source);
    const int mesh = index_in(source, "mesh");
    const bool own_weights = !array_in(source, "weights").empty() || mesh < 0;
    node.morph_weights =
        to_floats(numbers_in(own_weights ? source : meshes_[static_cast<std::size_t>(mesh)], "weights"));
    if (shown) tree_.shown.push_back(index);
    tree_.place_of[index] = scene_.nodes.size();
    scene_.nodes.push_back(std::move(node));
    return scene_.nodes.size() - 1;
  }

  const Json& nodes_;
  const Json& meshes_;
  Scene& scene_;
  ImportLog& log_;
  GltfNodeTree tree_;
};

}  // namespace

GltfNodeTree read_nodes(const Json& document, Scene& scene, ImportLog& log) {
  TreeReader reader(document, scene, log);
  const Json& nodes = array_in(document, "nodes");
  const std::vector<std::size_t> parents = find_parents(nodes, log);
  if (!log.has_faults()) report_circles(nodes, parents, log);
  if (log.has_faults()) return {};
  reader.walk(find_roots(document, parents), true);
  std::vector<std::size_t> rest;
  for (std::size_t i = 0; i < parents.size(); ++i) {
    if (parents[i] == kNoParent) rest.push_back(i);
  }
  reader.walk(rest, false);
  return reader.take();
}

}  // namespace oct
