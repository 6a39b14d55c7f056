#pragma once
#include <deque>
#include <string>
#include <vector>

#include "compile/meshes.hpp"

namespace oct {

/// Sets kInstanceBaked: on every instance of a mesh that is used once, then of others from the one whose
/// copies add the fewest triangles (ties: lowest mesh), while all that is added stays within
/// baked_duplicate_budget.
void choose_baked(RenderData& data);

/// Fills materials, textures, vertex arrays, meshes and instances.
Result<void> add_instances(const PosedScene& scene, TextureTable& textures, ThreadPool& pool,
                           RenderData& data, std::vector<std::string>& warnings);

}  // namespace oct
