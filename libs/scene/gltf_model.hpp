#pragma once
#include "scene/gltf_document.hpp"

// tinygltf's header as this project uses it: the object model alone. Bytes and pictures are ours
// (gltf_buffers.hpp).
#define TINYGLTF_NO_STB_IMAGE
#define TINYGLTF_NO_STB_IMAGE_WRITE
#define TINYGLTF_NO_EXTERNAL_IMAGE
#define TINYGLTF_NO_INCLUDE_STB_IMAGE
#define TINYGLTF_NO_INCLUDE_STB_IMAGE_WRITE
#define TINYGLTF_NO_INCLUDE_JSON
#define TINYGLTF_NO_FS
#include <tiny_gltf.h>

namespace oct {

/// tinygltf's model of a checked document, without buffers, images, animations, skins and extras. Errors hold
/// the reason alone.
Result<tinygltf::Model> gltf_model(const Json& checked_document);

}  // namespace oct
