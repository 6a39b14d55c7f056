#pragma once
#include <map>
#include <vector>

#include "scene/gltf_accessor.hpp"
#include "scene/import_log.hpp"
#include "scene/scene.hpp"

namespace oct {

/// What became of a file's elements, by their numbers in the file. One camera or light may be shown by several nodes.
struct GltfPlaces {
  const std::vector<std::size_t>& nodes;
  const std::multimap<std::size_t, std::size_t>& cameras;
  const std::multimap<std::size_t, std::size_t>& lights;
  const std::map<int, std::size_t>& materials;
};

/// Adds the animations of a document to the scene, in its order. The document's animations are unchecked: whatever is
/// wrong with one costs the channel alone, and a warning.
void read_animations(const Json& document, const GltfBuffers& buffers, const GltfPlaces& places, Scene& scene,
                     ImportLog& log);

}  // namespace oct
