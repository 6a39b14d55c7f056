#pragma once
#include <vector>

#include "base/thread_pool.hpp"
#include "math/bounds.hpp"
#include "render_data/render_data.hpp"

namespace oct {

/// Boxes of all meshes in their own space. The meshes' vertex ranges must exist.
std::vector<Bounds3> mesh_bounds(const RenderData& data, ThreadPool* pool);

/// Whether every coordinate or entry is finite and at most kLargestCoordinate.
bool within_limits(const Bounds3& bounds);
bool within_limits(const Transform& transform);

}  // namespace oct
