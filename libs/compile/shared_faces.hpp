#pragma once
#include <optional>
#include <string>

#include "scene/pose.hpp"

namespace oct {

/// Finds bodies of different glass, such as a drink in its glass, with faces in exactly the same place: a ray meets one
/// of them alone, and what lies behind the other is taken for what lies before it.
///   returns  a line that names the first two, and says what would help
std::optional<std::string> shared_faces_warning(const PosedScene& scene);

}  // namespace oct
