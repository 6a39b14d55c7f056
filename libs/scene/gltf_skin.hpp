#pragma once
#include "scene/gltf_accessor.hpp"
#include "scene/gltf_nodes.hpp"

namespace oct {

/// Adds the skins of a checked document to the scene, in its order. A skin whose matrices are missing or wrong
/// stays without joints, with a warning.
void read_skins(const Json& document, const GltfBuffers& buffers, const GltfNodeTree& tree, Scene& scene,
                ImportLog& log);

}  // namespace oct
