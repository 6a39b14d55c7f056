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

/// Sets kInstanceOpen where light can get into a material, but the mesh is a sheet (mesh_is_open).
void mark_open_instances(RenderData& data);

/// Whether a mesh is a sheet rather than the surface of a body, with holes or not: the areas of its triangles as
/// vectors add to more than a quarter of what they do as numbers. Of a closed surface they add to nothing, of a
/// flat sheet to all, of a hemisphere to half.
bool mesh_is_open(const RenderData& data, const Mesh& mesh);

/// Fills materials, textures, vertex arrays, meshes and instances.
Result<void> add_instances(const PosedScene& scene, TextureTable& textures, ThreadPool& pool,
                           RenderData& data, std::vector<std::string>& warnings);

}  // namespace oct
