#pragma once
#include <optional>
#include <string>

#include "data/render_data.hpp"
#include "scene/pose.hpp"

namespace oct {

/// Tells when the camera sees none of the scene's objects, or all of them smaller than a pixel: a camera that was
/// left at the origin of a survey, or that looks the other way. Objects count as their boxes do. Nothing is told of
/// a camera with a lens, whose blur reaches beyond its view.
///   returns  a line that says why, and what would help
std::optional<std::string> out_of_view_warning(const PosedScene& scene, const Camera& camera,
                                               const RenderSettings& settings);

}  // namespace oct
