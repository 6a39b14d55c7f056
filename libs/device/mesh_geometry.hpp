#pragma once
#include "data/types.hpp"
#include "device/bvh_tree.hpp"

namespace oct {

/// Where the triangles of one BvhPrimitive::instance lie.
struct MeshGeometry {
  const Vec3* vertices;
  const Triangle* triangles;
  std::uint32_t instance;  ///< written beside each triangle
};

}  // namespace oct
