#pragma once
#include <optional>
#include <string>

#include "scene/pose.hpp"

namespace oct {

/// Finds the object that shuts the camera in with no light: a sky dome that hides the sky. A few hundred
/// directions from `eye` are looked at, and from each lamp; all of them must end at opaque surfaces, most at
/// one object, and nothing inside may shine. Glass, cut-outs and what is blended count as open.
///   returns  a line that names the object and says what would help, or nothing: also where the scene is so
///            large that looking would take more than about a second
std::optional<std::string> shut_in_warning(const PosedScene& scene, Vec3 eye);

}  // namespace oct
