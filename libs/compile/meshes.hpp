#pragma once
#include <vector>

#include "base/thread_pool.hpp"
#include "compile/materials.hpp"
#include "render_data/render_data.hpp"
#include "scene/pose.hpp"

namespace oct {

/// A mesh as some instances use it.
struct MeshUse {
  const SceneMesh* mesh = nullptr;
  AttributeNeeds needs;  ///< of all materials it is seen with; other attributes are left out
};

/// Fills the vertex, triangle and mesh arrays: meshes of equal content once, in the order of first use;
/// triangles without extent (two equal corners), which no ray can hit, left out.
///   return  index into meshes of each use, kNone where no triangle is left
///   errors  invalid_input: corners that do not exist, attributes of another length, positions not finite or
///   above 1e18
Result<std::vector<u32>> add_meshes(const std::vector<MeshUse>& uses, ThreadPool& pool, RenderData& data);

}  // namespace oct
