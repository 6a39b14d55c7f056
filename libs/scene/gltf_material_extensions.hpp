#pragma once
#include "scene/gltf_factors.hpp"

namespace oct {

/// Reads the extensions of a material, one row of a table each, but for those that replace what it is made of
/// (gltf_glossiness.hpp).
void read_material_extensions(const Json& source, const GltfFactors& factors, GltfTextures& textures,
                              SceneMaterial& material);

}  // namespace oct
