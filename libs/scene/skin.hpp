#pragma once
#include <span>

#include "scene/scene.hpp"

namespace oct {

/// Bends a shape by the joints that `mesh`, whose copy it is, names for each vertex (linear blend skinning, glTF
/// 2.0, section 3.7.3.3).
///   world_from_mesh  for each joint of the skin, its inverse bind matrix included
///   return           whether every joint that has a weight is there; others have been left out
bool bend(const SceneMesh& mesh, std::span<const Matrix4> world_from_mesh, SceneMesh& shape);

}  // namespace oct
