#pragma once
#include "scene/gltf_factors.hpp"

// Extensions that lay something on a material, or add a way in which it scatters light. Each of these reads one.

namespace oct {

void read_clearcoat(const GltfExtension& source, SceneMaterial& material);
void read_sheen(const GltfExtension& source, SceneMaterial& material);
void read_anisotropy(const GltfExtension& source, SceneMaterial& material);
void read_iridescence(const GltfExtension& source, SceneMaterial& material);
void read_diffuse_transmission(const GltfExtension& source, SceneMaterial& material);

}  // namespace oct
