#pragma once
#include <optional>
#include <string>

#include "scene/pose.hpp"

namespace oct {

/// Finds pictures that cannot lie on their object, because its mesh lacks the texture coordinates: each shows the one
/// pixel at its corner. Anisotropy without a direction counts as well.
///   returns  a line that names the first object and counts the others, and says what would help
std::optional<std::string> missing_uvs_warning(const PosedScene& scene);

}  // namespace oct
