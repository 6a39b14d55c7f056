#pragma once
#include "scene/scene.hpp"

namespace oct {

/// A soft studio as an equirectangular picture: brighter above, darker below, a large soft light from the front left above
/// and a weaker one from the right, so that the faces of a box differ from each other and from the calm background.
/// Grey, without edges; a white surface that faces up reflects a radiance of about 1.
SceneImage studio_light();

}  // namespace oct
