#pragma once
#include "scene/pose.hpp"

namespace oct {

/// Whether a picture would be dark with nothing but what the scene's surfaces emit: of places on what they could light, less
/// than a fifth would reflect, if grey, what displays as a dark grey. Emitting surfaces are looked at in patches, which shine
/// to the sides that they face as far as texture and area give anything; places are lit on the sides that they face. A lit
/// diode, an emissive picture that is black, a bulb in a hall, a label that shines past everything do not light a scene. Nothing
/// is traced: walls between a lamp and what it lights are not seen.
bool is_dark_by_its_emitters(const PosedScene& scene);

/// W, of luminance, that an instance emits.
double emitted_flux(const PosedScene& scene, const SceneInstance& instance);

}  // namespace oct
