#pragma once
#include <span>

#include "scene/scene.hpp"

namespace oct {

/// The mesh without targets and influences.
SceneMesh shape_of(const SceneMesh& mesh);

/// Adds the targets of `mesh` to `shape`, its copy, by their weights (glTF 2.0, section 3.7.2.2); missing
/// weights are 0. Normals and tangents stay unit.
void add_morph_targets(const SceneMesh& mesh, std::span<const float> weights, SceneMesh& shape);

}  // namespace oct
