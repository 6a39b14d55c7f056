#pragma once
#include <optional>
#include <vector>

#include "data/types.hpp"
#include "scene/gltf_accessor.hpp"
#include "scene/import_log.hpp"

namespace oct {

/// EXT_mesh_gpu_instancing: the copies of a node's mesh, in the space of the node. Nothing when the node has no such
/// extension, or a wrong one, which is a warning about `element`.
std::optional<std::vector<Transform>> read_gpu_instances(const Json& node, std::size_t most,
                                                         const Json& document, const GltfBuffers& buffers,
                                                         const std::string& element, ImportLog& log);

}  // namespace oct
