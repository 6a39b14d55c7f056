#pragma once
#include <optional>
#include <string>

#include "scene/pose.hpp"

namespace oct {

/// Finds what shows its inside because it was modelled, or mirrored by a tool, the wrong way round: objects of
/// a single-sided material whose normals point to the back of nearly all their triangles.
///   returns  a line that names the first and counts the others, and says what would help
std::optional<std::string> inside_out_warning(const PosedScene& scene);

/// Finds closed objects of a single-sided material whose front is inside, seen from outside and without a lamp in
/// them: a room or a dome, or a body that was turned over together with its normals. Black ones are left in peace,
/// since outlines are drawn so.
///   eye  the camera's position, world
///   returns  a line that names the first and counts the others, and says what would help
std::optional<std::string> facing_inward_warning(const PosedScene& scene, Vec3 eye);

}  // namespace oct
