#pragma once
#include <array>
#include <optional>

#include "math/bounds.hpp"
#include "scene/import_log.hpp"
#include "scene/scene.hpp"

// Surveyed scenes: their coordinates lie so far from the origin (a map's millions of metres) that 32-bit floats cannot hold
// shapes there. Their centre is subtracted in double precision before they become floats.

namespace oct {

using Point3 = std::array<double, 3>;

/// In the file's coordinates.
struct FileBounds {
  Point3 lo, hi;
};

/// The centre, in whole metres, of what lies at least 10 km from the origin and ten times as far as it is large.
std::optional<Point3> surveyed_origin(const FileBounds& bounds);

/// Where coordinates are counted from while a file is read of which only the first point is known: there, in whole metres, if
/// the file may be surveyed; else zero.
Point3 origin_near(const Point3& point);

/// For a scene whose objects all stand as their meshes are, read with `origin` subtracted: keeps it so if the scene
/// is surveyed, else adds it again.
void settle_origin(const Point3& origin, Scene& scene, ImportLog& log);

/// Counts a mesh's positions from its own centre if they are surveyed; returns what was subtracted.
Point3 recentre_mesh(SceneMesh& mesh);

/// Makes `origin` the scene's, and says so.
void set_origin(const Point3& origin, Scene& scene, ImportLog& log);

}  // namespace oct
