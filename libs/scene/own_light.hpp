#pragma once
#include "scene/pose.hpp"

namespace oct {

/// Whether a picture would be dark with nothing but what the scene's surfaces emit. Their flux, as far as texture and area
/// give any, is spread over spheres around them; dark is a scene of which less than a fifth of the places looked at would
/// reflect, if grey, what displays as a dark grey. A lit diode, an emissive picture that is black, a bulb in a hall do not
/// light a scene. Nothing is traced: walls between a lamp and what it lights are not seen.
bool is_dark_by_its_emitters(const PosedScene& scene);

/// W, of luminance, that an instance emits.
double emitted_flux(const PosedScene& scene, const SceneInstance& instance);

}  // namespace oct
