#pragma once
#include <string>

#include "scene/import_log.hpp"
#include "scene/scene.hpp"

namespace oct {

/// Brings a mesh's attributes to what SceneMesh promises: normals and tangents of unit length, finite
/// numbers. Reports positions that are not finite as a fault; what can be mended (a normal of length zero,
/// texture coordinates that are not numbers) is mended with a warning. Returns
/// whether there was no fault. `element` is what messages call the
/// mesh.
bool clean_up_mesh(SceneMesh& mesh, const std::string& element, ImportLog& log);

/// One mesh may hold at most this many vertices and triangles: the data that devices get counts with 32 bits.
inline constexpr std::size_t kMaxMeshElements = std::size_t{1} << 31;

}  // namespace oct
