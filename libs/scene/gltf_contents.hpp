#pragma once
#include "scene/gltf_document.hpp"
#include "scene/scene.hpp"

namespace oct {

/// What a checked document says of itself beyond what becomes of it in a scene.
FileContents gltf_contents(const Json& document);

}  // namespace oct
