#pragma once
#include <map>
#include <vector>

#include "codec/draco.hpp"
#include "scene/gltf_buffers.hpp"
#include "scene/gltf_json.hpp"
#include "scene/import_log.hpp"

namespace oct {

/// The accessors whose elements lie in Draco's streams (KHR_draco_mesh_compression).
class GltfDraco {
 public:
  /// Unpacks the streams of all primitives, in parallel; the result does not depend on how many threads there are.
  /// A primitive whose stream is damaged, or does not fit its accessors, is reported. Its attributes and
  /// indices are checked.
  GltfDraco(const Json& document, const GltfBuffers& buffers, ImportLog& log);

  /// Elements of an accessor, without gaps; null when they are where the accessor says.
  const Bytes* accessor(int index) const;

  /// Whether the primitive is packed. Its corners are then those of separate triangles.
  static bool is_packed(const Json& primitive);

 private:
  std::map<int, Bytes> accessors_;
};

}  // namespace oct
