#pragma once
#include <vector>

#include "scene/gltf_json.hpp"
#include "scene/import_log.hpp"
#include "scene/scene.hpp"

namespace oct {

/// The nodes of a file in its scene.
struct GltfNodeTree {
  std::vector<std::size_t> place_of;  ///< into Scene::nodes, by number in the file
  std::vector<std::size_t> shown;     ///< numbers in the file, parents first, siblings in order
};

/// Adds all nodes to the scene: first those that the file shows by default (else those of its first scene, else
/// all), in the order in which a reader meets them, then the others, which may be joints. A shown node with two
/// parents, an impossible place, or in a circle is a fault.
GltfNodeTree read_nodes(const Json& document, Scene& scene, ImportLog& log);

}  // namespace oct
